import { isTooDeepForGo } from './json-depth.ts';
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
export type FaultToError = (why: string) => Error;

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
export function reader(value: unknown, path: string, refuse: FaultToError): Reader {
  if (value === null || value === undefined) return new JsonReader({}, path, refuse);
  if (isObject(value)) return new JsonReader(value, path, refuse);
  throw refuse(
    `json: cannot unmarshal ${goKind(value)} into Go ${path.includes('.') ? `struct field ${path}` : 'value'} of type object`,
  );
}

/** A class, as a call makes thirty of them: closures for each would cost a tenth of a millisecond. */
class JsonReader implements Reader {
  readonly #value: JsonObject;
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #path: string;
  readonly #refuse: FaultToError;

  constructor(value: JsonObject, path: string, refuse: FaultToError) {
    this.#value = value;
    this.#fields = fold(value);
    this.#path = path;
    this.#refuse = refuse;
  }

  text(key: string): string {
    const found = this.raw(key) ?? '';
    if (typeof found !== 'string') throw this.#wrong(found, key, 'string');
    return found;
  }

  int(key: string): number {
    const found = this.raw(key) ?? 0;
    if (!isInt(found)) throw this.#wrong(found, key, 'int');
    return Number(found);
  }

  natural(key: string): number {
    const found = this.raw(key) ?? 0;
    if (!Number.isInteger(found) || Number(found) < 0) throw this.#wrong(found, key, 'uint64');
    return Number(found);
  }

  flag(key: string): boolean {
    const found = this.raw(key) ?? false;
    if (typeof found !== 'boolean') throw this.#wrong(found, key, 'bool');
    return found;
  }

  texts(key: string): readonly string[] {
    const found = this.#list(key, '[]string');
    return found.length === 0 ? [] : found.map((item) => this.#textOf(item, key));
  }

  textMap(key: string): Readonly<Record<string, string>> {
    const entries = Object.entries(this.#object(key, 'map[string]string'));
    return Object.fromEntries(entries.map(([name, item]) => [name, this.#textOf(item, `${key}.${name}`)]));
  }

  object(key: string): Reader {
    return reader(this.raw(key), this.#at(key), this.#refuse);
  }

  objects(key: string): readonly Reader[] {
    return this.#list(key, '[]object').map((item, index) => reader(item, `${this.#at(key)}[${index}]`, this.#refuse));
  }

  map(key: string): Readonly<Record<string, unknown>> {
    return this.#object(key, 'object');
  }

  raw(key: string): unknown {
    return this.#fields.get(key.toLowerCase());
  }

  has(key: string): boolean {
    return this.#fields.has(key.toLowerCase());
  }

  names(key: string): boolean {
    return Object.keys(this.#value).some((name) => name.toLowerCase() === key.toLowerCase());
  }

  refuse(key: string, why: string): Error {
    return this.#refuse(`${this.#at(key)}: ${why}`);
  }

  #list(key: string, type: string): readonly unknown[] {
    const found = this.raw(key) ?? [];
    if (!Array.isArray(found)) throw this.#wrong(found, key, type);
    return found;
  }

  #object(key: string, type: string): JsonObject {
    const found = this.raw(key) ?? {};
    if (!isObject(found)) throw this.#wrong(found, key, type);
    return found;
  }

  #textOf(item: unknown, key: string): string {
    if (item === null || typeof item === 'string') return item ?? '';
    throw this.#wrong(item, key, 'string');
  }

  #at(key: string): string {
    return `${this.#path}.${key}`;
  }

  #wrong(found: unknown, key: string, type: string): Error {
    const kind = goKind(found);
    return this.#refuse(`json: cannot unmarshal ${kind} into Go struct field ${this.#at(key)} of type ${type}`);
  }
}

/** Whether a parser failed because the nesting is deeper than the engine's stack: a RangeError, which some libraries wrap. */
export const isTooDeep = (thrown: unknown): boolean =>
  thrown instanceof RangeError || (thrown instanceof Error && /(?:call stack|stack overflow)/i.test(thrown.message));

const TOO_DEEP = 'exceeded max depth';

/** Parses JSON; invalid text is refused with the reason. */
export function parseJsonText(text: string, refuse: FaultToError): unknown {
  if (text.trim() === '') throw refuse('unexpected end of JSON input');
  if (isTooDeepForGo(text)) throw refuse(TOO_DEEP);
  try {
    return JSON.parse(text);
  } catch {
    // Valid JSON that cannot be parsed is nested deeper than the engine's stack.
    throw refuse(jsonFault(text) ?? TOO_DEEP);
  }
}
