import { parseExactly, stringifyJson } from '../bytes/exact-json.ts';
import { jsonFault } from '../cni/json-fault.ts';
import { type Failure, failure } from '../error/failure.ts';
import { byteOrder } from '../system/byte-order.ts';

export { stringifyJson };

/**
 * Parses the JSON text stored at `key`: integers beyond 2^53 (sequence numbers) as bigint, every other number as number.
 * Throws `failed to parse datastore entry key=K; value=V: <why>`.
 */
export function parseJson(key: string, text: string): unknown {
  try {
    return parseExactly(text);
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

/** A record as Go writes a map: keys sorted by their UTF-8 bytes. A Map, because objects sort keys like `10` first, as numbers. */
export function sortedRecord<V>(record: Readonly<Record<string, V>>): ReadonlyMap<string, V> {
  return new Map(Object.entries(record).sort(([a], [b]) => byteOrder(a, b)));
}
