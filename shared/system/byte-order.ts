/** Surrogates, which encode the highest code points, and the units that UTF-16 sorts after them. */
const OUT_OF_ORDER = /[\ud800-\uffff]/;

/** The order of etcd's keys and Go's maps: by UTF-8 bytes, that is, by code point, whereas JavaScript compares UTF-16 units. */
export function byteOrder(one: string, other: string): number {
  if (one === other) return 0;
  if (OUT_OF_ORDER.test(one) || OUT_OF_ORDER.test(other)) return byCodePoint(one, other);
  return one < other ? -1 : 1;
}

function byCodePoint(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    const difference = rank(one.charCodeAt(at)) - rank(other.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

const rank = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
