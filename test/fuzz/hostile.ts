import type { Draw } from './draw.ts';

/** Numbers beyond a double, or implausibly large, written into JSON as they are. */
const LITERALS = [
  '9007199254740993',
  '18446744073709551617',
  '-18446744073709551617',
  '1e999',
  '-0',
  '1e-7',
  '4294967296',
] as const;
const LITERAL = /"@literal(\d)@"/g;

/** Characters that are special to shells, paths, `ip -batch` and JSON parsers. */
const METACHARACTERS = [
  '\n',
  '\r\n',
  '\0',
  ';',
  '|',
  '&&',
  '$(id)',
  '`id`',
  '$HOME',
  '../',
  '../../etc/passwd',
  '/',
  '\\',
  '"',
  "'",
  '#',
  ' ',
  '\t',
  '-',
  '--',
  '-batch',
  '%0a',
  '%2f',
  '%s',
  '*',
  '?',
  '[',
  ']',
  '~',
  '=',
  ':',
  ',',
  '\ud800',
  '\udc00',
  '\u2028',
  '\ufeff',
  '\u202e',
  '😀',
  'é',
] as const;

const WORDS = [
  '',
  'x',
  'null',
  'true',
  '__proto__',
  'constructor',
  'toString',
  '10.0.0.0/8',
  '0.0.0.0/0',
  '::/0',
  'fd00::/126',
  '10.0.0.0/33',
  '1.2.3.4',
  'host:n1',
  'virtual:lb',
] as const;

/** A value that a field probably does not expect. */
function hostileValue(draw: Draw): unknown {
  const small = [null, true, false, 0, -1, 1.5, 2 ** 31, 2 ** 53, 1e308, [], {}, [[]], [null], { '': null }] as const;
  const kind = draw.below(10);
  if (kind < 4) return small[draw.below(small.length)];
  if (kind < 6) return `@literal${draw.below(LITERALS.length)}@`;
  if (kind < 9) return hostileText(draw);
  if (draw.once(200)) return Array.from({ length: 100_000 }, () => null);
  return nested(draw.once(50) ? 500 : 1 + draw.below(30), draw.once(2));
}

export function hostileText(draw: Draw): string {
  const parts = Array.from({ length: 1 + draw.below(3) }, () =>
    draw.once(2) ? draw.pick(METACHARACTERS) : draw.pick(WORDS),
  );
  const text = parts.join('');
  return draw.once(100) ? text.repeat(draw.below(5_000)) : text;
}

function nested(depth: number, list: boolean): unknown {
  let value: unknown = 0;
  for (let level = 0; level < depth; level++) value = list ? [value] : { a: value };
  return value;
}

/** The JSON text with one to three of its values, keys or characters changed. */
export function hostileJson(draw: Draw, value: unknown): string {
  let changed = structuredClone(value);
  for (let change = draw.below(3); change >= 0; change--) changed = changedSomewhere(draw, changed);
  const text = JSON.stringify(changed).replace(LITERAL, (_, index) => LITERALS[Number(index)] ?? '0');
  return draw.once(4) ? brokenText(draw, text) : text;
}

/** A copy with one nested value replaced, removed, duplicated or added. */
function changedSomewhere(draw: Draw, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || draw.once(12)) return hostileValue(draw);
  const keys = Object.keys(value);
  const key = keys[draw.below(keys.length)];
  const fields = value as Record<string, unknown>;
  if (Array.isArray(value)) return changedList(draw, value);
  if (key === undefined || draw.once(8)) return { ...fields, [added(draw, key)]: hostileValue(draw) };
  if (draw.once(6)) return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== key));
  return { ...fields, [key]: changedSomewhere(draw, fields[key]) };
}

const added = (draw: Draw, key = 'x'): string => (draw.once(2) ? key.toUpperCase() : hostileText(draw).slice(0, 40));

function changedList(draw: Draw, list: readonly unknown[]): readonly unknown[] {
  const at = draw.below(list.length);
  const kind = draw.below(5);
  if (kind === 0) return [...list, ...list];
  if (kind === 1) return list.slice(0, at);
  if (kind === 2) return [...list, hostileValue(draw)];
  return list.map((item, index) => (index === at ? changedSomewhere(draw, item) : item));
}

/** A text with characters removed, inserted, duplicated or swapped. */
export function brokenText(draw: Draw, text: string): string {
  const at = draw.below(text.length + 1);
  const upTo = at + draw.below(Math.min(40, text.length - at + 1));
  const insert = draw.pick(METACHARACTERS);
  const kind = draw.below(6);
  if (kind === 0) return text.slice(0, at);
  if (kind === 1) return text.slice(0, at) + insert + text.slice(at);
  if (kind === 2) return text.slice(0, at) + insert + text.slice(upTo);
  if (kind === 3) return text.slice(0, upTo) + text.slice(at);
  if (kind === 4)
    return (
      text.slice(0, at) +
      draw.pick(['[', '{"a":', '"', '{', ',', '(', '!', '- ']).repeat(draw.once(20) ? 20_000 : 3) +
      text.slice(at)
    );
  return text.slice(at) + text.slice(0, at);
}
