import { hostname } from 'node:os';
import type { Platform } from '../platform.ts';

type Surroundings = Pick<
  Platform,
  | 'arch'
  | 'pid'
  | 'argv'
  | 'env'
  | 'exit'
  | 'euid'
  | 'hostname'
  | 'executable'
  | 'onUncaught'
  | 'onIdle'
  | 'setLastWords'
  | 'onSignal'
  | 'now'
  | 'elapsed'
  | 'sleep'
  | 'timer'
  | 'clearTimer'
  | 'immediate'
  | 'random'
>;

const timers = new Map<number, NodeJS.Timeout>();
let lastTimer = 0;

/** Process and clock. */
export const surroundings: Surroundings = {
  arch: process.arch === 'arm64' ? 'arm64' : 'x64',
  pid: process.pid,
  argv: [process.argv0, ...process.argv.slice(2)],
  env: process.env,
  exit: (status) => process.exit(status),
  euid: () => process.geteuid?.() ?? 0,
  hostname,
  executable: () => process.execPath,
  onUncaught: (callback) => {
    process.on('uncaughtException', callback);
    process.on('unhandledRejection', callback);
  },
  onIdle: (callback) => void process.on('beforeExit', callback),
  setLastWords: () => undefined,
  onSignal: (name, callback) => void process.on(name, callback),
  now: () => BigInt(Math.round(performance.timeOrigin * 1e3)) * 1000n + BigInt(Math.round(performance.now() * 1e6)),
  elapsed: () => performance.now(),
  sleep: (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
  timer: (ms, callback) => {
    const id = ++lastTimer;
    const fire = () => {
      timers.delete(id);
      callback();
    };
    timers.set(id, setTimeout(fire, ms));
    return id;
  },
  clearTimer: (id) => {
    clearTimeout(timers.get(id));
    timers.delete(id);
  },
  immediate: (callback) => void setImmediate(callback),
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
};
