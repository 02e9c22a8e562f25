/** Bytes that say which kind of uid it is. */
const KEPT = [6, 8];

/** The uid that Calico shows of an object in v1: the bits of each byte reversed, but for two. Twice, it is the real one again. */
export function shownUid(uid: string): string {
  const digits = uid.replaceAll('-', '');
  if (!/^[0-9a-f]{32}$/i.test(digits)) return uid;
  const bytes = (digits.match(/../g) ?? []).map((byte, at) => (KEPT.includes(at) ? byte : reversed(byte))).join('');
  return bytes.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function reversed(byte: string): string {
  const bits = [...Number.parseInt(byte, 16).toString(2).padStart(8, '0')].reverse().join('');
  return Number.parseInt(bits, 2).toString(16).padStart(2, '0');
}
