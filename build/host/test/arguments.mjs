// Every function with arguments that are wrong: a TypeError, never a crash.

import { bytes, equal, test, throws } from './check.mjs';

const host = calicoHost;

/** Functions that would end the process, wait, or do harm with odd arguments that are right by type. */
const SPARED = ['exit', 'kill', 'onIdle', 'onUncaught'];

const HOSTILE = [
  undefined,
  null,
  true,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 60,
  10n,
  '/nonexistent/text',
  '/nonexistent/\uD800',
  'a\0b',
  Symbol('s'),
  [],
  {},
  () => {},
  new Proxy({}, {}),
  new Uint8Array(0),
  new Uint16Array(4),
  new Uint8ClampedArray(4),
  new DataView(new ArrayBuffer(4)),
  new ArrayBuffer(4),
  Object.create(Uint8Array.prototype),
];

const harmless = (name, args) =>
  !(['sleep', 'timer', 'random'].includes(name) && args.some((arg) => typeof arg === 'number' && arg > 1e6)) &&
  !(name === 'setLastWords' && args[1] === 'x') &&
  !(name === 'close' && [0, 1, 2].includes(args[0]));

test('no function takes what it must not, and none falls', () => {
  for (const [name, body] of Object.entries(host)) {
    if (typeof body !== 'function' || SPARED.includes(name) || name === 'immediate') continue;
    for (const first of HOSTILE) {
      for (const second of HOSTILE) {
        for (const rest of [[], [first, second], [{}, {}]]) {
          const args = [first, second, ...rest];
          if (harmless(name, args)) attempt(name, body, args);
        }
      }
    }
  }
});

function attempt(name, body, args) {
  try {
    const result = body(...args);
    if (name === 'timer') host.clearTimer(result);
    if (name === 'socket' || name === 'open') host.close(result);
  } catch (error) {
    if (!(error instanceof Error)) throw new Error(`${name} threw ${String(error)}`);
  }
}

test('no arguments at all', () => {
  for (const name of ['open', 'read', 'write', 'timer', 'encodeUtf8', 'hash', 'run', 'start', 'setns', 'rangeLock', 'random'])
    throws(() => host[name](), { name: 'TypeError' });
});

test('strings are not made of other things', () => {
  const trap = { toString: () => '/tmp' };
  throws(() => host.exists(trap), { name: 'TypeError', message: 'argument 1 must be a string' });
  throws(() => host.exists(new String('/tmp')), { name: 'TypeError' });
});

test('NUL in a path is refused', () => {
  throws(() => host.open('/tmp\0/x', 0, 0), { code: 'EINVAL', name: 'Error' });
  throws(() => host.rename('/tmp/x', '/tmp/\0'), { code: 'EINVAL' });
  throws(() => host.run('/bin/echo', ['a\0b'], { timeout: 1, maxOutput: 1 }), { code: 'EINVAL' });
});

test('a detached buffer is refused', () => {
  const view = new Uint8Array(8);
  view.buffer.transfer();
  for (const use of [() => host.write(1, view), () => host.read(0, view), () => host.encodeHex(view)])
    throws(use, { name: 'TypeError' });
});

test('a view of a buffer that shrank reads and writes only what is left', () => {
  const buffer = new ArrayBuffer(64, { maxByteLength: 128 });
  const [tracking, fixed] = [new Uint8Array(buffer, 16), new Uint8Array(buffer, 16, 48)];
  buffer.resize(20);
  equal(host.encodeHex(tracking), '00000000');
  throws(() => host.encodeHex(fixed), { name: 'TypeError' });
  buffer.resize(8);
  throws(() => host.encodeHex(tracking), { name: 'TypeError' });
  buffer.resize(0);
  throws(() => host.encodeHex(tracking), { name: 'TypeError' });
});

test('an immutable buffer is read, but not written into', () => {
  const view = new Uint8Array(bytes(1, 2).buffer.transferToImmutable());
  equal(host.encodeHex(view), '0102');
  const fd = host.open('/dev/zero', 0, 0);
  throws(() => host.read(fd, view), { name: 'TypeError' });
  host.close(fd);
  equal(view, bytes(1, 2));
});

test('getters that misbehave while options are read do no harm', () => {
  const input = bytes(1, 2, 3);
  const options = {
    input,
    maxOutput: 100,
    get timeout() {
      input.buffer.transfer();
      return 1000;
    },
  };
  throws(() => host.run('/bin/cat', [], options), { name: 'TypeError' });
  throws(
    () =>
      host.run('/bin/cat', [], {
        get timeout() {
          throw new RangeError('mine');
        },
      }),
    { name: 'RangeError', message: 'mine' },
  );
});

test('nothing of the host can be changed', () => {
  equal(Object.isFrozen(host), true);
  equal(Object.isFrozen(host.argv) && Object.isFrozen(host.env), true);
  throws(() => {
    host.open = 1;
  }, { name: 'TypeError' });
  throws(() => {
    globalThis.calicoHost = 1;
  }, { name: 'TypeError' });
});

test('methods know their object', () => {
  const started = host.start('/bin/true', []);
  const { status } = started;
  for (const wrong of [undefined, {}, host, bytes(1)]) throws(() => status.call(wrong), { name: 'TypeError' });
  throws(() => started.kill('x'), { name: 'TypeError' });
});
