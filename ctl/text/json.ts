import { stringifyJson } from '../../shared/calico/json.ts';

/** JSON with two spaces of indentation, as Go's MarshalIndent writes it; bigint as a plain number, undefined left out. */
export function formatJson(value: unknown, indent = ''): string {
  if (typeof value !== 'object' || value === null) return stringifyJson(value);
  const isArray = Array.isArray(value);
  const inner = `${indent}  `;
  const items = isArray
    ? value.map((item) => formatJson(item, inner))
    : Object.entries(value)
        .filter(([, field]) => field !== undefined)
        .map(([name, field]) => `${stringifyJson(name)}: ${formatJson(field, inner)}`);
  const [open, close] = isArray ? ['[', ']'] : ['{', '}'];
  return items.length === 0 ? open + close : `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`;
}
