import { parseJson } from '../shared/calico/json.ts';
import { type CniError, failure } from '../shared/cni/error.ts';

/** A stored value that cannot be what its key says, in the original's words. */
export const malformed = (key: string, value: string, why: string): CniError =>
  failure(`failed to parse datastore entry key=${key}; value=${value}: ${why}`, `Repair or delete the etcd key ${key}`);

/** The object that a stored value holds; throws CniError 999 naming the key when it is none. */
export function parseObject(key: string, text: string): Readonly<Record<string, unknown>> {
  const value = asObject(parseJson(key, text));
  if (value === undefined) throw malformed(key, text, 'not a JSON object');
  return value;
}

/** As parseObject, for lists, where Calico passes over what it cannot read. */
export function objectOrNothing(key: string, text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(parseJson(key, text));
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

/** The values of an object that are strings, e.g. labels. */
export function stringsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(asObject(value) ?? {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** A map as Go prints it: keys in byte order. */
export function sorted<V>(values: Readonly<Record<string, V>>): ReadonlyMap<string, V> {
  return new Map(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}
