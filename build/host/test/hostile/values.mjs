// Values that a function of the host does not expect, drawn at random.

import { CERTIFICATE, KEY } from './certificate.mjs';

/** Mulberry32. */
export function drawOf(seed) {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit) => Math.floor(next() * limit);
  return { below, pick: (list) => list[below(list.length)], once: (inSo) => below(inSo) === 0 };
}

/** What getters, traps and callbacks of ours throw. */
export class Hostile extends Error {}

export const NUMBERS = [
  0, -0, 1, -1, 2, 3, 7, 64, 255, 4096, 65535, 65536, 0.5, -0.5, 1e-320, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 32 + 1, 2 ** 53,
  2 ** 53 + 2, 2 ** 63, 2 ** 64, 1e308, -1e308, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY,
];

export const TEXTS = [
  '', 'a', 'a\0b', '\0', '\uD800', '\uDFFF\uD800', 'é', '\u{1F600}', '\uFEFF', '.', '..', '/', '//', 'sha256', 'SIGTERM', 'TLSv1.2', '%s%n', '-1',
  'x'.repeat(255), 'x'.repeat(256), 'x'.repeat(5000), '/'.repeat(5000), '\uD800'.repeat(3000), 'é'.repeat(100_000), CERTIFICATE, KEY,
];

const detached = () => {
  const bytes = new Uint8Array(64);
  bytes.buffer.transfer();
  return bytes;
};

/** A view whose buffer has become shorter than the view, or than where it begins. */
function shrunk(draw) {
  const buffer = new ArrayBuffer(4096, { maxByteLength: 8192 });
  const bytes = draw.once(2) ? new Uint8Array(buffer, 100) : new Uint8Array(buffer, 100, 200);
  buffer.resize(draw.pick([0, 99, 100, 101, 150, 299, 300, 8192]));
  return bytes;
}

export const BYTES = [
  () => new Uint8Array(0),
  () => new Uint8Array(1),
  (draw) => Uint8Array.from({ length: draw.below(300) }, () => draw.below(256)),
  () => new Uint8Array(70_000),
  detached,
  shrunk,
  () => new Uint8Array(new ArrayBuffer(64, { maxByteLength: 128 })),
  () => new Uint8Array(new SharedArrayBuffer(64)),
  () => new Uint8Array(64).subarray(60),
];

const ODD = [
  () => undefined, () => null, () => true, () => false, () => 1n, () => -(2n ** 63n), () => 2n ** 64n, () => 2n ** 3000n, () => Symbol('s'), () => [], () => ({}), () => () => {},
  () => new Uint16Array(4), () => new Uint8ClampedArray(4), () => new Float64Array(4), () => new DataView(new ArrayBuffer(4)), () => new ArrayBuffer(4), () => Object.create(Uint8Array.prototype),
  () => Object.create(null), () => new Date(), () => /x/g, () => new Error('e'), () => new (class extends Uint8Array {})(4), () => Promise.resolve(), () => new Map(), () => calicoHost,
  () => new Array(5), () => [undefined, 'a', Symbol('s')], () => new String('a'), () => new Number(1),
];

/** An object whose properties do something when they are read, or throw. */
export function trap(draw, act, inner = {}) {
  const touched = () => {
    if (draw.once(4)) throw new Hostile('read');
    act();
  };
  if (draw.once(5)) return revoked();
  if (draw.once(2)) {
    return new Proxy(inner, {
      get: (target, name) => {
        touched();
        return target[name];
      },
      ownKeys: (target) => {
        touched();
        return Reflect.ownKeys(target);
      },
    });
  }
  const object = Array.isArray(inner) ? [...inner] : {};
  for (const name of Object.keys(inner)) {
    Object.defineProperty(object, name, {
      configurable: true,
      enumerable: true,
      get: () => {
        touched();
        return inner[name];
      },
    });
  }
  return object;
}

function revoked() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Any value at all. */
export function anything(draw, act) {
  const kind = draw.below(6);
  if (kind === 0) return draw.pick(NUMBERS);
  if (kind === 1) return draw.pick(TEXTS);
  if (kind === 2) return draw.pick(BYTES)(draw);
  if (kind === 3) return trap(draw, act);
  return draw.pick(ODD)();
}

/** A text with a few changes. */
export function broken(draw, text) {
  let result = text;
  for (let change = draw.below(4); change > 0; change--) {
    const at = draw.below(result.length + 1);
    result = result.slice(0, at) + draw.pick(['', 'A', '\n', '=', '\0', '-----BEGIN CERTIFICATE-----']) + result.slice(at + draw.below(3));
  }
  return result;
}
