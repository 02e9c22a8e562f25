const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

/** FNV-1a over a text, 64 bits, its high half folded in so that the low bits of similar names lie apart. */
export function hash(text: string): bigint {
  let value = OFFSET;
  for (let at = 0; at < text.length; at++) {
    value = BigInt.asUintN(64, (value ^ BigInt(text.charCodeAt(at))) * PRIME);
  }
  return value ^ (value >> 32n);
}
