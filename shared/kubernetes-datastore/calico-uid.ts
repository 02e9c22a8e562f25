/** The bytes that hold a UUID's version and variant. */
const KEPT = [6, 8];

/**
 * The uid that Calico shows for a Kubernetes object: the bits of each byte reversed, except version and variant. Applying it
 * again gives the object's own uid.
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
