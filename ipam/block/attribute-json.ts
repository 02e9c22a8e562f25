import type { AllocationAttribute } from '../../shared/calico/model.ts';
import { asObject, sorted } from '../../shared/calico/stored.ts';

type Fields = Readonly<Record<string, unknown>>;
type Texts = Readonly<Record<string, string>>;

const TEXTS = ['handle_id', 'releasedAt'] as const;
const MAPS = ['secondary', 'alternateOwnerAttrs'] as const;

/** A stored attribute: null, as a whole or in a field, is as good as absent. For what cannot be one the path of the fault, e.g. `.handle_id`. */
export function decodeAttribute(value: unknown): AllocationAttribute | string {
  const fields = value === null ? {} : asObject(value);
  if (fields === undefined) return '';
  const wrong = wrongField(fields);
  if (wrong !== undefined) return `.${wrong}`;
  return (hasNull(fields) ? withoutNulls(fields) : fields) as AllocationAttribute;
}

/** The attribute as Calico stores it: its order of fields, empty ones left out, then those we do not know. */
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

/** Go leaves an empty map out. */
const filled = (map: Texts | undefined): ReadonlyMap<string, string> | undefined =>
  map === undefined || Object.keys(map).length === 0 ? undefined : sorted(map);

function wrongField(fields: Fields): string | undefined {
  const { releasedAt } = fields;
  if (typeof releasedAt === 'string' && Number.isNaN(Date.parse(releasedAt))) return 'releasedAt';
  for (const name of TEXTS) if (typeof (fields[name] ?? '') !== 'string') return name;
  for (const name of MAPS) if (!isTexts(fields[name] ?? {})) return name;
  return undefined;
}

function isTexts(value: unknown): boolean {
  const map = asObject(value);
  for (const text of Object.values(map ?? {})) if (text !== null && typeof text !== 'string') return false;
  return map !== undefined;
}

function hasNull(fields: Fields): boolean {
  for (const name of TEXTS) if (fields[name] === null) return true;
  for (const name of MAPS) if (fields[name] === null || Object.values(fields[name] ?? {}).includes(null)) return true;
  return false;
}

/** As Go decodes: a null field is not there, a null in a map is an empty text. */
function withoutNulls(fields: Fields): Fields {
  const kept = Object.entries(fields).filter(([name, value]) => value !== null || !isOurs(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, isMap(name) ? emptied(value as Fields) : value]));
}

const isMap = (name: string): boolean => (MAPS as readonly string[]).includes(name);
const isOurs = (name: string): boolean => isMap(name) || (TEXTS as readonly string[]).includes(name);
const emptied = (map: Fields): Fields =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, value ?? '']));
