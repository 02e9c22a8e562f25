import { hex } from '../bytes/text.ts';

/** Octets as text: two lower-case digits each, with colons. */
export function macText(octets: Uint8Array): string {
  const digits = hex(octets);
  let text = digits.slice(0, 2);
  for (let at = 2; at < digits.length; at += 2) text += `:${digits.slice(at, at + 2)}`;
  return text;
}

/** The octets of a MAC address. */
export const macBytes = (mac: string): Uint8Array =>
  Uint8Array.from(mac.split(':'), (octet) => Number.parseInt(octet, 16));
