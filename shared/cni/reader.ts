import { jsonFault } from './json-fault.ts';

/**
 * Reads typed values from parsed JSON the way Go's encoding/json does: keys match in any case, null counts as absent (within a
 * list or a map: an empty string). A value of the wrong type is refused with its path.
 */
export interface Reader {
  /** '' when absent. */
  text(key: string): string;
  /** 0 when absent; a fraction is refused. */
  int(key: string): number;
  /** As int, not negative and of any size. */
  natural(key: string): number;
  flag(key: string): boolean;
  texts(key: string): readonly string[];
  /** A map of strings, such as labels. */
  textMap(key: string): Readonly<Record<string, string>>;
  /** Empty when absent. */
  object(key: string): Reader;
  objects(key: string): readonly Reader[];
  map(key: string): Readonly<Record<string, unknown>>;
  /** The value as it is; undefined when absent. */
  raw(key: string): unknown;
  has(key: string): boolean;
  /** Whether the key exists at all, even with null: Go writes an empty list as null. */
  names(key: string): boolean;
  /** Creates the error for a value of the right type that is invalid. */
  refuse(key: string, why: string): Error;
}

/** Turns the description of a fault into the error to throw. */
export type Refusal = (why: string) => Error;

type JsonObject = Readonly<Record<string, unknown>>;

const GO_NAMES: Readonly<Record<string, string>> = { string: 'string', boolean: 'bool', object: 'object' };

function goKind(value: unknown): string {
  if (typeof value === 'bigint') return `number ${value}`;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'number' : `number ${value}`;
  return Array.isArray(value) ? 'array' : (GO_NAMES[typeof value] ?? typeof value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isInt = (value: unknown): value is number | bigint =>
  typeof value === 'bigint' ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value);

/** Go's rule: of keys that differ only in case the last one counts, and a null changes nothing. */
function fold(object: JsonObject): ReadonlyMap<string, unknown> {
  const folded = new Map<string, unknown>();
  for (const [key, value] of Object.entries(object)) {
    if (value !== null) folded.set(key.toLowerCase(), value);
  }
  return folded;
}

/** A reader of `value`, named `path` in messages (`NetConf`). Anything but an object is refused; null is an empty object. */
export function reader(value: unknown, path: string, refuse: Refusal): Reader {
  const wrong = (found: unknown, where: string, type: string) =>
    refuse(`json: cannot unmarshal ${goKind(found)} into Go struct field ${where} of type ${type}`);
  if (value !== null && value !== undefined && !isObject(value)) {
    throw refuse(
      `json: cannot unmarshal ${goKind(value)} into Go ${path.includes('.') ? `struct field ${path}` : 'value'} of type object`,
    );
  }
  const fields = fold(value ?? {});
  const at = (key: string) => `${path}.${key}`;

  function get<T>(key: string, is: (found: unknown) => found is T, absent: T, type: string): T {
    const found = fields.get(key.toLowerCase());
    if (found === undefined) return absent;
    if (!is(found)) throw wrong(found, at(key), type);
    return found;
  }
  function textOf(item: unknown, where: string): string {
    if (item === null || typeof item === 'string') return item ?? '';
    throw wrong(item, where, 'string');
  }
  const list = (key: string, type: string) => get(key, (found) => Array.isArray(found), [] as readonly unknown[], type);

  return {
    text: (key) => get(key, (found) => typeof found === 'string', '', 'string'),
    int: (key) => Number(get(key, isInt, 0, 'int')),
    natural: (key) => get(key, (found): found is number => Number.isInteger(found) && Number(found) >= 0, 0, 'uint64'),
    flag: (key) => get(key, (found) => typeof found === 'boolean', false, 'bool'),
    texts: (key) => list(key, '[]string').map((item) => textOf(item, at(key))),
    textMap: (key) => {
      const entries = Object.entries(get(key, isObject, {}, 'map[string]string'));
      return Object.fromEntries(entries.map(([name, item]) => [name, textOf(item, `${at(key)}.${name}`)]));
    },
    object: (key) => reader(fields.get(key.toLowerCase()), at(key), refuse),
    objects: (key) => list(key, '[]object').map((item, index) => reader(item, `${at(key)}[${index}]`, refuse)),
    map: (key) => get(key, isObject, {}, 'object'),
    raw: (key) => fields.get(key.toLowerCase()),
    has: (key) => fields.has(key.toLowerCase()),
    names: (key) => Object.keys(value ?? {}).some((name) => name.toLowerCase() === key.toLowerCase()),
    refuse: (key, why) => refuse(`${at(key)}: ${why}`),
  };
}

/** Whether a parser failed because the nesting is deeper than the engine's stack: a RangeError, which some libraries wrap. */
export const isTooDeep = (thrown: unknown): boolean =>
  thrown instanceof RangeError || (thrown instanceof Error && /call stack/i.test(thrown.message));

/** Parses JSON; invalid text is refused with the reason. */
export function parseJsonText(text: string, refuse: Refusal): unknown {
  if (text.trim() === '') throw refuse('unexpected end of JSON input');
  try {
    return JSON.parse(text);
  } catch {
    // Valid JSON that cannot be parsed is nested deeper than the engine's stack.
    throw refuse(jsonFault(text) ?? 'exceeded max depth');
  }
}
