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
  const text = TEXTS.find((name) => typeof (fields[name] ?? '') !== 'string');
  return text ?? MAPS.find((name) => !isTexts(fields[name] ?? {}));
}

function isTexts(value: unknown): boolean {
  const map = asObject(value);
  return map !== undefined && Object.values(map).every((text) => text === null || typeof text === 'string');
}

const hasNull = (fields: Fields): boolean =>
  TEXTS.some((name) => fields[name] === null) || MAPS.some((name) => holdsNull(fields[name]));

const holdsNull = (map: unknown): boolean => map === null || Object.values(map ?? {}).includes(null);

/** As Go decodes: a null field is not there, a null in a map is an empty text. */
function withoutNulls(fields: Fields): Fields {
  const kept = Object.entries(fields).filter(([name, value]) => value !== null || !isOurs(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, isMap(name) ? emptied(value as Fields) : value]));
}

const isMap = (name: string): boolean => (MAPS as readonly string[]).includes(name);
const isOurs = (name: string): boolean => isMap(name) || (TEXTS as readonly string[]).includes(name);
const emptied = (map: Fields): Fields =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, value ?? '']));
