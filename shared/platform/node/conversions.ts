import { createHash } from 'node:crypto';
import type { Platform } from '../platform.ts';
import { parseJson, stringifyJson } from './json.ts';

type Conversions = Pick<
  Platform,
  | 'parseJson'
  | 'stringifyJson'
  | 'encodeUtf8'
  | 'decodeUtf8'
  | 'decodeLatin1'
  | 'encodeBase64'
  | 'decodeBase64'
  | 'encodeHex'
  | 'hash'
  | 'passwordMatches'
>;

const encoder = new TextEncoder();
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const view = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const conversions: Conversions = {
  parseJson,
  stringifyJson,
  encodeUtf8: (text) => encoder.encode(text),
  decodeUtf8: (bytes, fatal) => (fatal ? strict : lenient).decode(bytes),
  decodeLatin1: (bytes) => view(bytes).toString('latin1'),
  encodeBase64: (bytes) => view(bytes).toString('base64'),
  decodeBase64: (text) => new Uint8Array(Buffer.from(text, 'base64')),
  encodeHex: (bytes) => view(bytes).toString('hex'),
  passwordMatches() {
    throw new Error('Node.js has no bcrypt');
  },
  hash: (algorithm, bytes) => new Uint8Array(createHash(algorithm).update(bytes).digest()),
};
