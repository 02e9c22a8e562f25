import { bun } from './runtime.ts';

/** SHA-512 of a text in UTF-8, as hexadecimal digits. */
export function sha512(text: string): string {
  if (bun !== undefined) return new bun.CryptoHasher('sha512').update(text).digest('hex');
  return process.getBuiltinModule('node:crypto').createHash('sha512').update(text).digest('hex');
}
