/** Octets as text: two lower-case digits each, with colons. */
export function macText(octets: Uint8Array): string {
  const hex = Buffer.from(octets).toString('hex');
  let text = hex.slice(0, 2);
  for (let at = 2; at < hex.length; at += 2) text += `:${hex.slice(at, at + 2)}`;
  return text;
}

/** The octets of a MAC address. */
export const macBytes = (mac: string): Uint8Array => Buffer.from(mac.replaceAll(':', ''), 'hex');
