import type { AllocationAttribute } from '../../shared/calico/model.ts';
import { asObject, sorted } from '../../shared/calico/stored.ts';

type Fields = Readonly<Record<string, unknown>>;
type Texts = Readonly<Record<string, string>>;

/** Decodes a stored attribute; null, as a whole or in a field, counts as absent. Returns the path of a fault, e.g. `.handle_id`. */
export function decodeAttribute(value: unknown): AllocationAttribute | string {
  const fields = value === null ? {} : asObject(value);
  if (fields === undefined) return '';
  const { handle_id, releasedAt, secondary, alternateOwnerAttrs } = fields;
  if (typeof releasedAt === 'string' && Number.isNaN(Date.parse(releasedAt))) return '.releasedAt';
  if (typeof (handle_id ?? '') !== 'string') return '.handle_id';
  if (typeof (releasedAt ?? '') !== 'string') return '.releasedAt';
  const [first, second] = [contentOf(secondary), contentOf(alternateOwnerAttrs)];
  if (first === 'wrong') return '.secondary';
  if (second === 'wrong') return '.alternateOwnerAttrs';
  const hasNull = handle_id === null || releasedAt === null || first === 'nulls' || second === 'nulls';
  return (hasNull ? withoutNulls(fields) : fields) as AllocationAttribute;
}

/** What a map of texts has: only texts, also nulls, or what cannot be read. */
function contentOf(value: unknown): 'texts' | 'nulls' | 'wrong' {
  if (value === undefined) return 'texts';
  if (value === null) return 'nulls';
  const map = asObject(value);
  if (map === undefined) return 'wrong';
  let found: 'texts' | 'nulls' = 'texts';
  for (const text of Object.values(map)) {
    if (text === null) found = 'nulls';
    else if (typeof text !== 'string') return 'wrong';
  }
  return found;
}

/** The attribute as Calico stores it: fields in Calico's order, empty ones left out, then unknown ones. */
export function encodeAttribute(attribute: AllocationAttribute): Fields {
  const { handle_id, secondary, alternateOwnerAttrs, releasedAt, ...unknown } = attribute;
  return {
    handle_id: handle_id === '' ? undefined : handle_id,
    secondary: filled(secondary),
    alternateOwnerAttrs: filled(alternateOwnerAttrs),
    releasedAt,
    ...unknown,
  };
}

/** Go omits an empty map. */
const filled = (map: Texts | undefined) =>
  map === undefined || Object.keys(map).length === 0 ? undefined : sorted(map);

/** As Go decodes: a null field is absent, a null in a map is an empty string. */
function withoutNulls(fields: Fields): Fields {
  const kept = Object.entries(fields).filter(([name, value]) => value !== null || !isOurs(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, isMap(name) ? emptied(value as Fields) : value]));
}

const isMap = (name: string): boolean => name === 'secondary' || name === 'alternateOwnerAttrs';
const isOurs = (name: string): boolean => isMap(name) || name === 'handle_id' || name === 'releasedAt';
const emptied = (map: Fields): Fields =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, value ?? '']));
