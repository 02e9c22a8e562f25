/** Bytes that say which kind of UUID it is. */
const KEPT = [6, 8];

/**
 * The uid that Calico shows for an object of Kubernetes: the bits of each byte reversed, but of those that say which kind of
 * UUID it is. The same again gives the object's own.
 */
export function calicoUid(uid: string): string {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uid)) return uid;
  let at = 0;
  return uid.replaceAll(/[0-9a-f]{2}/gi, (byte) => (KEPT.includes(at++) ? byte : reversed(byte)));
}

const reversed = (byte: string): string =>
  Number.parseInt([...Number.parseInt(byte, 16).toString(2).padStart(8, '0')].reverse().join(''), 2)
    .toString(16)
    .padStart(2, '0');
