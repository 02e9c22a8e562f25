// What each function of the host is called with: mostly what it takes, so that it gets somewhere, and often anything else.

import { CERTIFICATE, KEY } from './certificate.mjs';
import { anything, BYTES, broken, NUMBERS, TEXTS, trap } from './values.mjs';

const NONBLOCK = 0x800;
const DONTWAIT = 0x40;
const NO_WAIT = 4;

const PATHS = ['file', 'folder', 'folder/inner', 'none', 'none/none', 'link', 'loop', '.', './/file', '\uFFFD', 'file/x'];

/** Kinds of arguments. `held`: what earlier calls have given. `act`: calls something else. */
const kinds = {
  path: ({ draw }) => (draw.once(3) ? draw.pick(TEXTS) : draw.pick(PATHS)),
  fd: ({ draw, held }) => (draw.once(6) ? draw.pick(NUMBERS.filter((number) => number > 2 || number < 0)) : (draw.pick(held.fds) ?? 99)),
  bytes: ({ draw }) => draw.pick(BYTES)(draw),
  text: ({ draw }) => draw.pick(TEXTS),
  number: ({ draw }) => draw.pick(NUMBERS),
  mode: ({ draw }) => draw.pick([0o600, 0o700, 0, 0o7777, ...NUMBERS]),
  /** Where a right number would wait, only short times. */
  wait: ({ draw }) => draw.pick([0, 1, 2, 0.5, ...NUMBERS.filter((number) => !(number > 3 && number < Infinity))]),
  length: ({ draw }) => draw.pick([0, 1, 1000, 100_000, ...NUMBERS]),
  piece: ({ draw }) => draw.pick([0, 1, 1000, ...NUMBERS.filter((number) => !(number > 1e5 && number < Infinity))]),
  offset: ({ draw }) => draw.pick([0n, 1n, -1n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n, 2n ** 3000n]),
  callback: ({ act }) => (...values) => act(...values),
  flags: ({ draw }) => draw.pick([0, 1, 2, 0o100, 0o101, 0o1102, 0o2101, 0o200000, 0o400000, 2 ** 31 - 1, -1]),
  socketKind: ({ draw }) => draw.pick([1, 2, 3, 5, 0x7ff]) | NONBLOCK,
  domain: ({ draw }) => draw.pick([1, 2, 10, 16, 17, 0, 99, -1]),
  transfer: ({ draw }) => draw.pick([0, 1, 2, 0x20, 0x4000, 0x7fffffbf]) | DONTWAIT,
  lock: ({ draw }) => draw.pick([1, 2, 8, 0, 3, 16]) | NO_WAIT,
  command: ({ draw }) => draw.pick(['set', 'clear', 'get', '']),
  hash: ({ draw }) => draw.pick(['sha1', 'sha256', 'sha512', 'sha3-256', 'md5', '']),
  pid: ({ draw }) => draw.pick([2 ** 31 - 1, Number.NaN, 1e308, 0.5, 2 ** 32, '1', undefined]),
  handle: ({ draw, held }) => draw.pick([...held.timers, 0, -1, 1e9, Number.NaN]),
  program: ({ draw }) => draw.pick(['/bin/true', '/bin/cat', '/bin/none', '/', 'file', '', '/bin/true\0']),
  words: ({ draw, act }) => draw.pick([[], ['a'], ['\uD800'], ['a\0b'], Array(50).fill('x'.repeat(1000)), ['a', 1], trap(draw, act, ['a', 'b'])]),
  options: ({ draw, act }) => {
    const env = draw.pick([undefined, {}, { A: 'b' }, { 'A=B': 'c' }, { A: 1 }, { '\0': 'a' }, trap(draw, act, { A: 'b' })]);
    const input = draw.pick([undefined, ...BYTES.map((make) => make(draw)), 'text']);
    const options = { env, input, timeout: draw.pick([1, 50, 0.001, -1, Number.NaN]), maxOutput: draw.pick([0, 10, 1e6, -1, 2 ** 53]) };
    return draw.once(3) ? trap(draw, act, options) : options;
  },
  address: ({ draw, act, server }) => {
    const to = draw.pick([{ unix: server }, { unix: server }, { unix: '\0none' }, { unix: 'x'.repeat(200) }, { unix: '' }, { address: '127.0.0.1', port: 1 }, { address: '::1', port: 1 }, { address: 'a', port: 1 }, { address: '127.0.0.1', port: draw.pick(NUMBERS) }, { address: 'fe80::1%lo', port: 1 }]);
    return draw.once(3) ? trap(draw, act, to) : to;
  },
  tls: ({ draw, act }) => {
    if (draw.once(2)) return undefined;
    const pem = () => draw.pick([undefined, CERTIFICATE, KEY, broken(draw, CERTIFICATE), broken(draw, KEY), ...TEXTS]);
    const tls = { protocols: draw.pick([[], ['h2'], [''], ['x'.repeat(300)], ['\0']]), verify: draw.once(2), ca: pem(), cert: pem(), key: pem() };
    const more = { serverName: draw.pick([undefined, 'a.example', ...TEXTS]), minVersion: draw.pick([undefined, 'TLSv1.3', 'x']), ciphers: draw.pick([undefined, [], ['TLS_AES_128_GCM_SHA256'], ['x']]) };
    return draw.once(3) ? trap(draw, act, { ...tls, ...more }) : { ...tls, ...more };
  },
  place: ({ draw, act }) => {
    const at = draw.pick([{ address: '127.0.0.1', port: 0 }, { address: '::1', port: 0 }, { address: '::', port: 0 }, { address: 'a', port: 0 }, { address: '127.0.0.1', port: draw.pick(NUMBERS) }, { unix: 'x'.repeat(200) }, { unix: '' }]);
    return draw.once(3) ? trap(draw, act, at) : at;
  },
  serverTls: ({ draw, act }) => {
    if (draw.once(2)) return undefined;
    const pem = () => draw.pick([CERTIFICATE, KEY, broken(draw, CERTIFICATE), broken(draw, KEY), ...TEXTS]);
    const tls = { protocols: draw.pick([[], ['h2'], [''], undefined]), cert: pem(), key: pem(), clientCa: draw.pick([undefined, pem()]), clientOptional: draw.pick([undefined, true, 1]) };
    const more = { minVersion: draw.pick([undefined, 'TLSv1.3', 'x']), maxVersion: draw.pick([undefined, 'TLSv1.2', '']), ciphers: draw.pick([undefined, [], ['x']]) };
    return draw.once(3) ? trap(draw, act, { ...tls, ...more }) : { ...tls, ...more };
  },
  accept: ({ draw, act }) => (connection) => {
    act();
    if (draw.once(2)) connection.destroy();
    return draw.pick([undefined, { open: act, data: act, end: act }, trap(draw, act, { open: act, data: act, end: act }), 1]);
  },
  // Of a low cost: each more takes twice as long.
  bcrypt: ({ draw }) => draw.pick(['$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie', '$2b$04$', '$2b$04$EGdrhbKUv8Oc9vGiXX0HQO£xSg445d458Muh7DAHskb6QbtCvdxci', ...TEXTS]),
  events: ({ draw, act }) => {
    const events = { open: act, data: act, end: act };
    return draw.once(4) ? trap(draw, act, events) : events;
  },
  name: ({ draw }) => draw.pick(['localhost', '127.0.0.1', '::1', 'a.example', 'a..b', '.', 'x'.repeat(64), `${'x.'.repeat(130)}y`, ...TEXTS]),
  pem: ({ draw }) => draw.pick([CERTIFICATE, broken(draw, CERTIFICATE), CERTIFICATE.repeat(3), ...TEXTS, calicoHost.decodeBase64(broken(draw, CERTIFICATE).replace(/-----.*-----/g, ''))]),
  signal: ({ draw }) => draw.pick(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL', '']),
  nothing: () => undefined,
  json: ({ draw }) => broken(draw, draw.pick(JSONS)),
  leaveOut: ({ draw, act }) => draw.pick([undefined, {}, { a: true }, { a: { b: true } }, { a: null }, { '\uD800': true }, [], trap(draw, act, { a: { b: true } })]),
  structure: ({ draw, act }) => structure(draw, act, 0),
};

const JSONS = [
  '{"a":{"b":[1,2,{"c":"d"}]},"b":12345678901234567890123,"c":-0.5e300,"d":"\\ud800\\n\\u0000é","a":null}', '[9007199254740993,-9223372036854775808,1e400,0.1,-0]',
  '"\\ud83d\\ude00"', '['.repeat(999) + ']'.repeat(999), '['.repeat(100_000), '{"a":'.repeat(2000), 'null', '', ' ', `"${'x'.repeat(70_000)}"`, '"\uD800"', '1'.repeat(5000), `{"__proto__":{"a":1},"":2,"0":3}`,
];

/** Without more in it, as that would be written a thousand times. */
function endless() {
  const loop = {};
  loop.loop = [loop];
  return loop;
}

/** A value with values in it, some of which do something when they are read. */
function structure(draw, act, depth) {
  if (draw.once(20)) return endless();
  if (depth > 4 || draw.once(4)) return anything(draw, act);
  const parts = Array.from({ length: draw.below(4) }, () => structure(draw, act, depth + 1));
  const whole = draw.once(2) ? parts : Object.fromEntries(parts.map((part, at) => [draw.pick(['a', 'toJSON', '\uD800', '__proto__', `${at}`]), part]));
  return draw.once(5) ? trap(draw, act, whole) : whole;
}

/** The arguments of each function. A function that is missing here is a fault of the test. */
export const FUNCTIONS = {
  exit: ['nothing'], onUncaught: ['nothing'], onIdle: ['nothing'], euid: [], hostname: [], executable: [], now: [], elapsed: [],
  setLastWords: ['text', 'number'], sleep: ['wait'], timer: ['wait', 'callback'], clearTimer: ['handle'], immediate: ['callback'], onSignal: ['signal', 'callback'],
  random: ['length'], encodeUtf8: ['text'], decodeUtf8: ['bytes', 'nothing'], decodeLatin1: ['bytes'], encodeBase64: ['bytes'], decodeBase64: ['text'], encodeHex: ['bytes'],
  hash: ['hash', 'bytes'], hashFile: ['hash', 'fd'], setns: ['fd', 'number'], socket: ['domain', 'socketKind', 'number'], setsockopt: ['fd', 'number', 'number', 'bytes'],
  loadNow: ['path'],
  send: ['fd', 'bytes', 'transfer'], sendApart: ['fd', 'bytes'], recv: ['fd', 'bytes', 'transfer'], open: ['path', 'flags', 'mode'], close: ['fd'], read: ['fd', 'bytes'], write: ['fd', 'bytes'],
  fsync: ['fd'], isTerminal: ['fd'], terminalSize: ['fd'], copyRange: ['fd', 'fd', 'piece'], exists: ['path'], isWritable: ['path'], readdir: ['path'], rename: ['path', 'path'],
  unlink: ['path'], link: ['path', 'path'], realpath: ['path'], mkdir: ['path', 'mode'], rmdir: ['path'], status: ['path'], linkStatus: ['path'], fileSystem: ['path'],
  chmod: ['path', 'mode'], flock: ['fd', 'lock'], flockWithin: ['fd', 'wait'], rangeLock: ['fd', 'command', 'offset'], isRangeLocked: ['fd', 'offset'], run: ['program', 'words', 'options'],
  start: ['program', 'words'], kill: ['pid', 'number'], connect: ['address', 'tls', 'events'], lookup: ['name', 'wait', 'callback'], lookupSrv: ['name', 'wait', 'callback'],
  listen: ['place', 'serverTls', 'accept'], passwordMatches: ['text', 'bcrypt'], certificate: ['pem'], parseJson: ['json', 'leaveOut'], stringifyJson: ['structure'],
};

/** Whether reading may wait for ever: the standard streams of a test may be sockets, on which nobody sends. */
const isStandard = (fd) => fd === 0 || fd === 1 || fd === 2;

/** Functions for which some values that are right by type end the process, wait for ever or reach other processes. */
const GUARDED = {
  exit: (value) => typeof value !== 'number',
  onUncaught: (value) => typeof value !== 'function',
  onIdle: (value) => typeof value !== 'function',
  sleep: (value) => typeof value !== 'number' || !(value > 3),
  kill: (value) => typeof value !== 'number' || value === 2 ** 31 - 1 || !Number.isInteger(value) || value > 2 ** 31,
  close: (value) => typeof value !== 'number' || value < 0 || value > 2,
  copyRange: (from, to) => !isStandard(from) && to !== 1 && to !== 2,
  read: (value) => !isStandard(value),
  hashFile: (_, value) => !isStandard(value),
  write: (value) => value !== 1 && value !== 2,
};

/** The arguments of a call, or undefined when it must not be made. */
export function argumentsOf(name, world) {
  const { draw, act } = world;
  const given = FUNCTIONS[name].map((kind) => (draw.once(8) ? anything(draw, act) : kinds[kind](world)));
  if (draw.once(20)) given.pop();
  if (draw.once(20)) given.push(anything(draw, act));
  if (!(GUARDED[name]?.(given[0], given[1]) ?? true)) return undefined;
  return given;
}
