const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

/** 64-bit FNV-1a of a text, with the high half folded in so that similar names differ in the low bits. */
export function hash(text: string): bigint {
  let value = OFFSET;
  for (let at = 0; at < text.length; at++) {
    value = BigInt.asUintN(64, (value ^ BigInt(text.charCodeAt(at))) * PRIME);
  }
  return value ^ (value >> 32n);
}
