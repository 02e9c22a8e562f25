import { byteOrder } from '../../shared/system/byte-order.ts';

/**
 * The keys of a map in order. `before`: those of an earlier state, in order; only what is new is sorted, as a thousand take 20 ms
 * in the interpreter.
 */
export function keysInOrder(map: ReadonlyMap<string, unknown>, before: readonly string[]): readonly string[] {
  const stayed = before.filter((key) => map.has(key));
  if (stayed.length === map.size) return stayed;
  const known = new Set(stayed);
  const fresh = [...map.keys()].filter((key) => !known.has(key));
  return merged(stayed, isInOrder(fresh) ? fresh : fresh.sort(byteOrder));
}

/** As lists of the datastore are. */
const isInOrder = (keys: readonly string[]): boolean =>
  keys.every((key, at) => at === 0 || byteOrder(keys[at - 1] ?? '', key) < 0);

function merged(one: readonly string[], other: readonly string[]): readonly string[] {
  if (one.length === 0) return other;
  const all: string[] = [];
  let at = 0;
  for (const key of other) {
    for (let next = one[at]; next !== undefined && byteOrder(next, key) < 0; next = one[at]) {
      all.push(next);
      at++;
    }
    all.push(key);
  }
  return [...all, ...one.slice(at)];
}
