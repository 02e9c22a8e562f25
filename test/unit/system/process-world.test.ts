import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { processWorld } from '../../../shared/system/process-world.ts';
import { unreadStderr } from '../../support/host/unread-stderr.ts';

/** A separate process that does in reality what its first argument says. */
const PROBE = `
import { runProcess } from './shared/system/process-world.ts';
import { conclude, refuse } from './shared/cni/skel.ts';
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const work = {
  count: async (world) => String(world.stdin().length),
  big: async () => 'x'.repeat(1 << 20),
  throw: async () => { setTimeout(() => { throw new Error('boom'); }, 1); await wait(3000); return 'late'; },
  lines: async (world) => { for (let n = 0; n < 2000; n++) world.stderr('line ' + n + '\\n'); return 'done'; },
  slip: async () => { const nothing = JSON.parse('null'); return nothing.length; },
  reject: async () => { setTimeout(() => Promise.reject(new Error('boom')), 1); await wait(3000); return 'late'; },
  never: () => new Promise(() => {}),
  stderr: async (world) => { world.stderr('e'.repeat(1 << 20)); return 'done'; },
};
const [what] = process.argv.slice(2);
runProcess(async (world) => {
  if (what === 'early') throw new Error('boom');
  return conclude(world, () => work[what](world));
}, refuse);
`;

const bun = join(import.meta.dirname, '../../../node_modules/@oven/bun-linux-x64/bin/bun');
const runtimes = [process.execPath, bun].filter((path) => existsSync(path));

let directory = '';
let probe = '';
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'world-'));
  probe = join(directory, 'probe.mjs');
  const resolveDir = dirname(createRequire(import.meta.url).resolve('../../../package.json'));
  await build({
    stdin: { contents: PROBE, resolveDir },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: probe,
  });
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs the probe with a shell's redirections, as `"$@"`. */
async function shell(runtime: string, what: string, script: string) {
  const child = spawn('/bin/bash', ['-c', script, 'bash', runtime, probe, what], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const status = await new Promise((done) => child.on('close', done));
  return { status, out, err };
}

const failed = (msg: string) => JSON.stringify({ code: 999, msg }, null, 4);
/** Makes this descriptor's pipe non-blocking, as an event-driven caller does. */
const nonBlocking = (fd: number) =>
  `perl -MFcntl -e 'open my $f, "<&=${fd}" or die $!; fcntl $f, F_SETFL, fcntl($f, F_GETFL, 0) | O_NONBLOCK'`;

/** Much less than a reader sleeps, much more than a loaded machine needs. */
const NO_WAIT_MS = 20_000;

/** The same as shell words. */
const unread = (kind: 'socket' | 'terminal'): string =>
  unreadStderr(kind, 'empty')
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(' ');

describe.each(runtimes)('under %s', (runtime) => {
  test.each([
    ['that is closed is empty', '"$@" <&-', '0'],
    ['that is /dev/null is empty', '"$@" </dev/null', '0'],
    ['that arrives slowly is read to its end', '(echo a; sleep 0.2; echo b; sleep 0.2; echo c) | "$@"', '6'],
    ['that is non-blocking is waited for', `(sleep 0.3; echo a; sleep 0.2; echo b) | (${nonBlocking(0)}; "$@")`, '4'],
    ['that is larger than a pipe is read completely', 'head -c 1000000 /dev/zero | "$@"', '1000000'],
  ])('standard input %s', async (_what, script, expected) => {
    expect(await shell(runtime, 'count', script)).toEqual({ status: 0, out: expected, err: '' });
  });

  test('standard input that cannot be read is an I/O error', async () => {
    const { status, out } = await shell(runtime, 'count', '"$@" </');
    expect(status).toBe(1);
    expect(JSON.parse(out)).toEqual({ code: 5, msg: expect.stringMatching(/^error reading from stdin: EISDIR/) });
  });

  test.each([
    ['a slow reader', '"$@" | (sleep 0.3; wc -c)'],
    ['a slow reader through a non-blocking pipe', `(${nonBlocking(1)}; "$@") | (sleep 0.3; wc -c)`],
  ])('a result of a megabyte reaches %s', async (_what, script) => {
    expect(await shell(runtime, 'big', script)).toEqual({ status: 0, out: `${1 << 20}\n`, err: '' });
  });

  test('without a reader the exit status is 1', async () => {
    const { out, err } = await shell(runtime, 'big', '("$@"; echo $? >&2) | true');
    expect(out).toBe('');
    expect(err).toMatch(/^Error writing error JSON to stdout: EPIPE.*\n1\n$/);
  });

  test.each([
    ['pipe', '"$@" 2> >(exec sleep 30 >/dev/null 2>&1)'],
    ['non-blocking pipe', `(${nonBlocking(2)}; "$@") 2> >(exec sleep 30 >/dev/null 2>&1)`],
    ['terminal', `${unread('terminal')} "$@"`],
  ])('a standard error without a reader does not block: a %s', async (_what, script) => {
    const started = performance.now();
    expect(await shell(runtime, 'stderr', script)).toMatchObject({ status: 0, out: 'done' });
    expect(performance.now() - started).toBeLessThan(NO_WAIT_MS);
  });

  test('all lines together wait no longer than a single one', async () => {
    const started = performance.now();
    expect(await shell(runtime, 'lines', '"$@" 2> >(exec sleep 30 >/dev/null 2>&1)')).toMatchObject({ out: 'done' });
    expect(performance.now() - started).toBeLessThan(NO_WAIT_MS);
  });

  test('lines arrive complete and in order, in a file after its old content', async () => {
    const { out } = await shell(runtime, 'lines', '"$@" 2>&1 >/dev/null | (sleep 0.05; head -n 200)');
    expect(out.split('\n').slice(0, 200)).toEqual(Array.from({ length: 200 }, (_, number) => `line ${number}`));
    const file = join(directory, 'stderr');
    const { out: kept } = await shell(runtime, 'lines', `echo first >${file}; "$@" 2>>${file} >&2; cat ${file}`);
    expect(kept.split('\n').slice(0, 3)).toEqual(['first', 'line 0', 'line 1']);
    expect(kept.endsWith('line 1999\ndone')).toBe(true);
  });

  test.each([
    ['an exception in a callback', 'throw', 'boom'],
    ['an unhandled rejection', 'reject', 'boom'],
    ['an exception in the work itself', 'early', 'boom'],
    ['a wait without end', 'never', 'the process ended without a result'],
  ])('%s ends as a CNI error', async (_what, what, msg) => {
    expect(await shell(runtime, what, '"$@"')).toEqual({ status: 1, out: failed(msg), err: '' });
  });

  test('a bug ends as a CNI error, without text of the engine', async () => {
    const { status, out, err } = await shell(runtime, 'slip', '"$@"');
    expect({ status, err }).toEqual({ status: 1, err: '' });
    expect(JSON.parse(out)).toMatchObject({ code: 999, msg: 'internal error while working' });
    expect(out).toMatch(/"in (?:Object\.)?slip from conclude/);
    expect(out).not.toMatch(/TypeError|is not an object|Cannot read/);
  });
});

test('a standard error without a reader does not block: a socket', async () => {
  expect(existsSync(bun)).toBe(true);
  const started = performance.now();
  expect(await shell(bun, 'stderr', `${unread('socket')} "$@"`)).toMatchObject({ status: 0, out: 'done' });
  expect(performance.now() - started).toBeLessThan(NO_WAIT_MS);
});

test('the wall clock is near Date.now, in nanoseconds, and never repeats', () => {
  const { now } = processWorld();
  const readings = Array.from({ length: 1000 }, now);
  expect(readings).toEqual([...new Set(readings)].sort());
  expect(Math.abs(Number(now() / 1_000_000n) - Date.now())).toBeLessThan(1000);
});

test('random bytes have the requested length and differ', () => {
  const { random } = processWorld();
  expect(random(16)).toHaveLength(16);
  expect(random(16)).not.toEqual(random(16));
});
