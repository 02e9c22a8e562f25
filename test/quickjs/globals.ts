import { viewOf } from '../../shared/bytes/join.ts';
import { fromLatin1, latin1 } from '../../shared/bytes/text.ts';
import { parseUrl } from '../../shared/net/url.ts';
import { readText } from '../../shared/system/files.ts';
import { platform } from './platform.ts';

/** What unit tests use of a runtime besides vitest. */
class Encoder {
  encode(text = ''): Uint8Array {
    return platform.encodeUtf8(text);
  }
}

class Decoder {
  readonly #fatal: boolean;

  constructor(_label = 'utf-8', { fatal = false } = {}) {
    this.#fatal = fatal;
  }

  decode(bytes: Uint8Array): string {
    return platform.decodeUtf8(bytes, this.#fatal);
  }
}

type Encoding = 'utf8' | 'latin1' | 'hex' | 'base64';

/** Bytes with the methods of Node's Buffer that tests use. */
class Bytes extends Uint8Array {
  static alloc(length: number): Bytes {
    return new Bytes(length);
  }

  static concat(parts: readonly Uint8Array[]): Bytes {
    const whole = new Bytes(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  static byteLength(text: string): number {
    return platform.encodeUtf8(text).length;
  }

  static compare(one: Uint8Array, other: Uint8Array): number {
    const at = one.findIndex((byte, index) => byte !== other[index]);
    if (at === -1) return Math.sign(one.length - other.length);
    return (one[at] ?? 0) < (other[at] ?? -1) ? -1 : 1;
  }

  override toString(encoding: Encoding = 'utf8'): string {
    if (encoding === 'utf8') return platform.decodeUtf8(this);
    if (encoding === 'latin1') return fromLatin1(this);
    return encoding === 'hex' ? platform.encodeHex(this) : platform.encodeBase64(this);
  }

  equals(other: Uint8Array): boolean {
    return Bytes.compare(this, other) === 0;
  }

  readUInt32LE(at = 0): number {
    return viewOf(this).getUint32(at, true);
  }
}

function bytesOf(given: string | ArrayLike<number>, encoding: Encoding): ArrayLike<number> {
  if (typeof given !== 'string') return given;
  if (encoding === 'base64') return platform.decodeBase64(given);
  if (encoding === 'hex') return (given.match(/../g) ?? []).map((digits) => Number.parseInt(digits, 16));
  return encoding === 'latin1' ? latin1(given) : platform.encodeUtf8(given);
}

/** A URL's parts. */
class Address {
  constructor(text: string) {
    const parsed = parseUrl(text);
    if (parsed === undefined) throw new TypeError(`Invalid URL: ${text}`);
    Object.assign(this, parsed);
  }
}

/** Query parameters of a URL. */
class Query {
  readonly #pairs: readonly (readonly [string, string])[];

  constructor(text = '') {
    const parts = text
      .replace(/^\?/, '')
      .split('&')
      .filter((part) => part !== '');
    const decoded = (word: string) => decodeURIComponent(word.replaceAll('+', ' '));
    this.#pairs = parts.map((part) => {
      const [name = '', ...value] = part.split('=');
      return [decoded(name), decoded(value.join('='))];
    });
  }

  get(name: string): string | null {
    return this.#pairs.find(([each]) => each === name)?.[1] ?? null;
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }
}

Object.assign(globalThis, {
  Buffer: Object.assign(Bytes, {
    from: (given: string | ArrayLike<number>, encoding: Encoding = 'utf8') => new Bytes(bytesOf(given, encoding)),
  }),
  TextEncoder: Encoder,
  TextDecoder: Decoder,
  URL: Address,
  URLSearchParams: Query,
  setTimeout: (callback: () => void, ms = 0) => platform.timer(ms, callback),
  clearTimeout: (timer: number | undefined) => timer !== undefined && platform.clearTimer(timer),
  setImmediate: (callback: () => void) => platform.immediate(callback),
  performance: { now: () => platform.elapsed() },
  process: {
    env: { ...platform.env },
    pid: platform.pid,
    arch: platform.arch,
    getuid: () => platform.euid(),
    geteuid: () => platform.euid(),
    umask: () => Number.parseInt(/^Umask:\s*(\d+)/m.exec(readText('/proc/self/status'))?.[1] ?? '', 8),
  },
});
