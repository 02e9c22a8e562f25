import { type Reader, reader } from '../cni/reader.ts';
import { failure } from '../error/failure.ts';
import { toFailure } from '../error/to-failure.ts';
import { malformed, parseJson } from './json.ts';

export { malformed };

/** A reader of a stored value; what is of the wrong type is refused, naming key and field (`IPPool.spec.disabled`). */
export const storedReader = (key: string, text: string, kind: string): Reader =>
  reader(parseJson(key, text), kind, (why) => malformed(key, text, why));

/** As storedReader, with errors that begin with `what`, name the key and leave the value out. */
export const readerIn = (what: string, key: string, text: string, kind: string): Reader => {
  const refuse = (why: string) => failure(`${what}: ${why} (${key})`);
  const value = parsed(text);
  if (value === undefined) throw refuse('its value is not JSON');
  return reader(value, kind, refuse);
};

function parsed(text: string): unknown {
  try {
    return parseJson('', text);
  } catch {
    return undefined;
  }
}

/** A resource's metadata, of which no field that Calico's readers look at may be of the wrong type. */
export function readMetadata(resource: Reader): Reader {
  const metadata = resource.object('metadata');
  for (const field of ['name', 'uid', 'creationTimestamp', 'deletionTimestamp']) metadata.text(field);
  for (const field of ['labels', 'annotations']) if (metadata.has(field)) metadata.textMap(field);
  return metadata;
}

/** What was thrown, in a sentence. */
export const reasonOf = (thrown: unknown): string => toFailure(thrown).message;

/** The members of the object that a stored value holds, none for null; refuses, naming the key, when it is no object. */
export function parseObject(key: string, text: string): Readonly<Record<string, unknown>> {
  const value = parseJson(key, text);
  const fields = value === null ? {} : asObject(value);
  if (fields === undefined) throw malformed(key, text, 'not a JSON object');
  return fields;
}

/** As parseObject, for lists, where Calico passes over what it cannot read. */
export function objectOrNothing(key: string, text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return parseObject(key, text);
  } catch {
    return undefined;
  }
}

/** The value as an object; undefined for arrays, null and scalars. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return value as Readonly<Record<string, unknown>>;
}

/** Whether the value is an integer, of either JSON representation (parseJson gives a bigint beyond 2^53). */
export const isInteger = (value: unknown): value is number | bigint =>
  typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));

/** Whether the value is an integer that 64 bits hold without a sign. */
export const isUnsigned = (value: unknown): value is number | bigint =>
  typeof value === 'bigint' ? BigInt.asUintN(64, value) === value : Number.isSafeInteger(value) && Number(value) >= 0;

/** A map as Go prints it: keys in byte order. */
export function sorted<V>(values: Readonly<Record<string, V>>): ReadonlyMap<string, V> {
  return new Map(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}
