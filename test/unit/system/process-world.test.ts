import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { processWorld } from '../../../shared/system/process-world.ts';
import { unreadStderr } from '../../support/host/unread-stderr.ts';

/** A separate process that does in reality what its first argument says. */
const PROBE = `
import { platform } from '#platform';
import { processWorld, runProcess } from './shared/system/process-world.ts';
import { conclude, LAST_WORDS, refuse } from './shared/cni/skel.ts';
const later = (ms, work) => platform.timer(ms, work);
const wait = (ms) => new Promise((done) => later(ms, done));
const work = {
  count: async (world) => String(world.stdin().length),
  big: async () => 'x'.repeat(1 << 20),
  throw: async () => { later(1, () => { throw new Error('boom'); }); await wait(3000); return 'late'; },
  lines: async (world) => { for (let n = 0; n < 2000; n++) world.stderr('line ' + n + '\\n'); return 'done'; },
  slip: async () => { const nothing = JSON.parse('null'); return nothing.length; },
  reject: async () => { later(1, () => { Promise.reject(new Error('boom')); }); await wait(3000); return 'late'; },
  never: () => new Promise(() => {}),
  hoard: async () => { const all = []; for (;;) all.push(String(all.length).repeat(1 << 18)); },
  endless: async () => { const deeper = (n) => deeper(n + 1) + 1; return String(deeper(0)); },
  stderr: async (world) => { world.stderr('e'.repeat(1 << 20)); return 'done'; },
};
const [what] = platform.argv.slice(1);
runProcess(async (world) => {
  if (what === 'early') throw new Error('boom');
  return conclude(world, () => work[what](world));
}, refuse, processWorld(), LAST_WORDS);
`;

/** The executables' native part, which runs a file with `run`; '' where it has not been built. */
const host = process.env['CALICO_HOST'] ?? '';
const NODE = { name: 'Node.js', command: [process.execPath, 'node.mjs'] };
const NATIVE = { name: 'the executables’ native part', command: [host, 'run', 'native.mjs'] };
const runtimes = host === '' ? [NODE] : [NODE, NATIVE];
type Runtime = typeof NODE;

let directory = '';
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'world-'));
  const resolveDir = dirname(createRequire(import.meta.url).resolve('../../../package.json'));
  for (const name of ['node', 'native']) {
    await build({
      stdin: { contents: PROBE, resolveDir },
      bundle: true,
      platform: name === 'node' ? 'node' : 'neutral',
      conditions: [name],
      format: 'esm',
      outfile: join(directory, `${name}.mjs`),
    });
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs the probe under a shell's redirections, as `"$@"`. */
async function shell({ command }: Runtime, what: string, script: string) {
  const words = command.map((word) => (word.endsWith('.mjs') ? join(directory, word) : word));
  const child = spawn('/bin/bash', ['-c', script, 'bash', ...words, what], { stdio: ['ignore', 'pipe', 'pipe'] });
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

describe.each(runtimes)('under $name', (runtime) => {
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

describe.runIf(host !== '')('on the engine of the executables', () => {
  test.each([20_000, 40_000, 80_000])('a call that finds no more memory within %i KB is a CNI error', async (limit) => {
    const { status, out } = await shell(NATIVE, 'hoard', `ulimit -v ${limit}; "$@"`);
    expect(JSON.parse(out)).toMatchObject({ code: 999, msg: expect.stringMatching(/^out of memory while /) });
    expect(out).not.toMatch(/InternalError|out of memory"/);
    expect(status).toBe(1);
  });

  test('a call that never stops calling itself is a CNI error', async () => {
    const { status, out } = await shell(NATIVE, 'endless', '"$@"');
    expect(JSON.parse(out)).toMatchObject({ code: 999, msg: 'internal error while working' });
    expect(status).toBe(1);
  });
});

test.runIf(host !== '')('a standard error without a reader does not block: a socket', async () => {
  const started = performance.now();
  expect(await shell(NATIVE, 'stderr', `${unread('socket')} "$@"`)).toMatchObject({ status: 0, out: 'done' });
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
