/** Text as bytes, and back. Pure, although the platform does the work: an interpreter is slow at single bytes. */
import { platform } from '#platform';

/** The bytes of a text in UTF-8. */
export const utf8 = (text: string): Uint8Array<ArrayBuffer> => platform.encodeUtf8(text);

/** The text of bytes in UTF-8; invalid ones become U+FFFD. A byte order mark is kept. */
export const fromUtf8 = (bytes: Uint8Array): string => platform.decodeUtf8(bytes);

/** How many bytes a text has in UTF-8. */
export const utf8Length = (text: string): number => platform.encodeUtf8(text).length;

/** One byte per character, its lower eight bits. */
export function latin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = platform.encodeUtf8(text);
  // ASCII alone has as many bytes as characters.
  if (bytes.length === text.length) return bytes;
  const exact = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) exact[at] = text.charCodeAt(at);
  return exact;
}

/** One character per byte. */
export const fromLatin1 = (bytes: Uint8Array): string => platform.decodeLatin1(bytes);

/** Two lower-case digits per byte. */
export const hex = (bytes: Uint8Array): string => platform.encodeHex(bytes);

/** A text in UTF-8, as base64. */
export const base64 = (text: string): string => platform.encodeBase64(platform.encodeUtf8(text));

/** The text, in UTF-8, that base64 stands for. */
export const fromBase64 = (digits: string): string => platform.decodeUtf8(platform.decodeBase64(digits));
