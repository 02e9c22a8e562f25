import type { LeaveOut } from '../bytes/json.ts';
import { type Reader, reader } from '../cni/reader.ts';
import { failure } from '../error/failure.ts';
import { toFailure } from '../error/failure-context.ts';
import { malformed, parseJson } from './json.ts';

export { malformed };

/** A reader of a stored value. A value of the wrong type throws a Failure naming key and field (`IPPool.spec.disabled`). */
export const storedReader = (key: string, text: string, kind: string): Reader =>
  reader(parseJson(key, text), kind, (why) => malformed(key, text, why));

/** Like storedReader, with errors that begin with `what`, name the key and omit the value. */
export const readerIn = (what: string, key: string, text: string, kind: string): Reader => {
  const value = parsed(text);
  if (value === undefined) throw failure(`${what}: its value is not JSON (${key})`);
  return readerOfValue(what, key, value, kind);
};

/** The same for a value that has been read already. */
export const readerOfValue = (what: string, key: string, value: unknown, kind: string): Reader =>
  reader(value, kind, (why) => failure(`${what}: ${why} (${key})`));

function parsed(text: string): unknown {
  try {
    return parseJson('', text);
  } catch {
    return undefined;
  }
}

/** A resource's metadata; throws when a field that Calico's readers use has the wrong type. */
export function readMetadata(resource: Reader): Reader {
  const metadata = resource.object('metadata');
  for (const field of ['name', 'uid', 'creationTimestamp', 'deletionTimestamp']) metadata.text(field);
  for (const field of ['labels', 'annotations']) if (metadata.has(field)) metadata.textMap(field);
  return metadata;
}

/** The message of what was thrown. */
export const reasonOf = (thrown: unknown): string => toFailure(thrown).message;

/** The members of a stored JSON object, empty for null; throws a Failure naming the key when it is not an object. */
export function parseObject(key: string, text: string, leaveOut?: LeaveOut): Readonly<Record<string, unknown>> {
  const value = parseJson(key, text, leaveOut);
  const fields = value === null ? {} : asObject(value);
  if (fields === undefined) throw malformed(key, text, 'not a JSON object');
  return fields;
}

/** Like parseObject, for lists, where Calico skips what it cannot read. */
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

/** Whether the value is an integer, in either JSON representation (parseJson returns a bigint beyond 2^53). */
export const isInteger = (value: unknown): value is number | bigint =>
  typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));

const BEYOND = 2n ** 64n;

/** Whether the value fits an unsigned 64-bit integer. */
export const isUnsigned = (value: unknown): value is number | bigint =>
  typeof value === 'bigint' ? value >= 0n && value < BEYOND : Number.isSafeInteger(value) && Number(value) >= 0;

/** A map as Go prints it: keys in byte order. The values themselves where they have it, else a Map. */
export function sorted<V>(values: Readonly<Record<string, V>>): Readonly<Record<string, V>> | ReadonlyMap<string, V> {
  const keys = Object.keys(values);
  if (keys.every((key, at) => at === 0 || key > (keys[at - 1] ?? ''))) return values;
  return new Map(keys.sort().map((key) => [key, values[key] as V]));
}
