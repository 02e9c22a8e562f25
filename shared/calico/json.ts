import { type LeaveOut, readJson, writeJson } from '../bytes/json.ts';
import { jsonFault } from '../cni/json-fault.ts';
import { type Failure, failure } from '../error/failure.ts';
import { byteOrder } from '../system/byte-order.ts';

/**
 * Parses the JSON text stored at `key`: integers beyond 2^53 (sequence numbers) as bigint, every other number as number.
 * Throws `failed to parse datastore entry key=K; value=V: <why>`.
 */
export function parseJson(key: string, text: string, leaveOut?: LeaveOut): unknown {
  try {
    return readJson(text, leaveOut);
  } catch (thrown) {
    throw malformed(key, text, jsonFault(text) ?? 'nested too deeply', thrown);
  }
}

/** An invalid stored value, in the original's words. The user must correct it and never delete it: containers rely on it. */
export const malformed = (key: string, value: string, why: string, cause?: unknown): Failure =>
  failure(
    `failed to parse datastore entry key=${key}; value=${value}: ${why}`,
    'correct the stored value, and do not delete it: running containers may depend on it',
    cause,
  );

/**
 * Compact JSON as Go writes it: bigint as a plain literal, `<`, `>`, `&`, U+2028 and U+2029 escaped, keys in the order they
 * were set (a Map for keys that must be sorted), undefined left out. No key may begin with NUL.
 */
export const stringifyJson = (value: unknown): string => writeJson(value);

/** A record as Go writes a map: keys sorted by their UTF-8 bytes. A Map, because objects sort keys like `10` first, as numbers. */
export function sortedRecord<V>(record: Readonly<Record<string, V>>): ReadonlyMap<string, V> {
  return new Map(Object.entries(record).sort(([a], [b]) => byteOrder(a, b)));
}
