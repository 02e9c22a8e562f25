import { utf8 } from '../../../shared/bytes/text.ts';
import type { World } from '../../../shared/system/world.ts';

/** A World of a map and two buffers. Its time is always 2026-11-21 07:06:55.176 UTC. */
export interface FakeWorld extends World {
  readonly out: () => string;
  readonly err: () => string;
  readonly stdinReads: () => number;
}

/** The World of a process with this environment and standard input. */
export function fakeWorld(env: Record<string, string>, stdin = ''): FakeWorld {
  let out = '';
  let err = '';
  let reads = 0;
  return {
    env,
    argv: [],
    stdin: () => {
      reads += 1;
      return stdin;
    },
    stdinBytes: () => utf8(stdin),
    stdout: (text) => {
      out += text;
    },
    stderr: (text) => {
      err += text;
    },
    now: () => BigInt(Date.UTC(2026, 10, 21, 7, 6, 55, 176)) * 1_000_000n,
    elapsed: () => 0,
    random: (bytes) => new Uint8Array(bytes),
    out: () => out,
    err: () => err,
    stdinReads: () => reads,
  };
}
