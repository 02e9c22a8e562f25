import { platform } from '#platform';

type Algorithm = 'sha1' | 'sha256' | 'sha3-256' | 'sha512';

/** SHA-512 of a text in UTF-8, as hexadecimal digits. */
export const sha512 = (text: string): string => hexadecimal('sha512', text);

/** SHA-256 of a text in UTF-8, as hexadecimal digits. */
export const sha256 = (text: string): string => hexadecimal('sha256', text);

/** SHA3-256 of a text in UTF-8, as hexadecimal digits. */
export const sha3 = (text: string): string => hexadecimal('sha3-256', text);

/** SHA-1 of a text in UTF-8, as hexadecimal digits: only where Calico's names require it. */
export const sha1 = (text: string): string => hexadecimal('sha1', text);

const hexadecimal = (algorithm: Algorithm, text: string): string =>
  platform.encodeHex(platform.hash(algorithm, platform.encodeUtf8(text)));
