import { bun } from './runtime.ts';

type Algorithm = 'sha256' | 'sha3-256' | 'sha512';

/** SHA-512 of a text in UTF-8, as hexadecimal digits. */
export const sha512 = (text: string): string => hexadecimal('sha512', text);

/** SHA-256 of a text in UTF-8, as hexadecimal digits. */
export const sha256 = (text: string): string => hexadecimal('sha256', text);

/** SHA3-256 of a text in UTF-8, as hexadecimal digits. */
export const sha3 = (text: string): string => hexadecimal('sha3-256', text);

function hexadecimal(algorithm: Algorithm, text: string): string {
  if (bun !== undefined) return new bun.CryptoHasher(algorithm).update(text).digest('hex');
  return process.getBuiltinModule('node:crypto').createHash(algorithm).update(text).digest('hex');
}
