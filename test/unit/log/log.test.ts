import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_LOG, openLog, silent } from '../../../shared/log/log.ts';
import type { LogConf } from '../../../shared/log/log-conf.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';

const MEGABYTE = 1 << 20;
let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'log-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const conf = (changes: Partial<LogConf>): LogConf => ({ ...DEFAULT_LOG, ...changes });

function logged(changes: Partial<LogConf>, env: Record<string, string> = {}) {
  const world = fakeWorld(env);
  const log = openLog(world, conf(changes), 'cni-plugin');
  return { log, world, lines: () => world.err().split('\n').slice(0, -1) };
}

describe('a line', () => {
  test('has local time, level, process, plugin, message and fields sorted by key', () => {
    const { log, world } = logged({}, { CNI_COMMAND: 'ADD' });
    log.with({ b: 1 }).info('allocated', { c: 'say "x"', a: true });
    const time = new Date(Date.UTC(2026, 10, 21, 7, 6, 55, 176));
    const day = `${time.getFullYear()}-${time.getMonth() + 1}-${time.getDate()}`;
    const hour = String(time.getHours()).padStart(2, '0');
    expect(world.err()).toBe(
      `${day} ${hour}:06:55.176 [INFO][${process.pid}] cni-plugin/add.ts: allocated a=true b=1 c="say \\"x\\""\n`,
    );
  });

  test('stays one line with any text', () => {
    const { log, lines } = logged({});
    log.error('a\nb\rc', { d: 'e\nf' });
    expect(lines()).toEqual([expect.stringMatching(/ \[ERROR\]\[\d+\] cni-plugin\/main\.ts: a\\nb\\rc d="e\\nf"$/)]);
  });

  test.each(['../x\n', 'FROB', 'add', ''])('does not name an invalid verb: %j', (command) => {
    const { log, lines } = logged({}, { CNI_COMMAND: command });
    log.info('hello');
    expect(lines()).toEqual([expect.stringContaining(' cni-plugin/main.ts: hello')]);
  });
});

test.each([
  ['debug', ['DEBUG', 'INFO', 'WARNING', 'ERROR']],
  ['info', ['INFO', 'WARNING', 'ERROR']],
  ['warning', ['WARNING', 'ERROR']],
  ['error', ['ERROR']],
  ['chatty', ['INFO', 'WARNING', 'ERROR']],
])('level %s writes %s', (level, expected) => {
  const { log, lines } = logged({ level });
  const more = log.with({ x: 1 });
  log.debug('m');
  more.info('m');
  log.warn('m');
  more.error('m');
  expect(lines().map((line) => /\[([A-Z]+)\]/.exec(line)?.[1])).toEqual(expected);
});

describe('at a terminal', () => {
  const atTerminal = (changes: Partial<LogConf>) => {
    const world = { ...fakeWorld({}), stderrIsTerminal: () => true };
    const log = openLog(world, conf(changes), 'cni-plugin');
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](level);
    return world.err().match(/(?<=: )[a-z]+$/gm);
  };

  test('only warnings are shown unless a level is given', () => {
    expect(atTerminal({})).toEqual(['warn', 'error']);
    expect(atTerminal({ level: 'info' })).toEqual(['info', 'warn', 'error']);
    expect(atTerminal({ level: 'debug' })).toEqual(['debug', 'info', 'warn', 'error']);
  });

  test('the file has the same lines as elsewhere', () => {
    const filePath = join(directory, 'cni.log');
    atTerminal({ filePath });
    expect(readFileSync(filePath, 'utf8').match(/(?<=: )[a-z]+$/gm)).toEqual(['info', 'warn', 'error']);
  });
});

test('the silent log writes nothing and stays silent', () => {
  expect(silent.with({ a: 1 })).toBe(silent);
  expect(silent.error('x')).toBeUndefined();
});

describe('the log file', () => {
  const file = () => join(directory, 'deep', 'er', 'cni.log');

  test('is created with its directories when the first line is written', () => {
    const { log, world } = logged({ filePath: file() });
    log.debug('off');
    expect(existsSync(join(directory, 'deep'))).toBe(false);
    log.info('on');
    log.info('again');
    expect(readFileSync(file(), 'utf8')).toBe(world.err());
    expect(statSync(file()).mode & 0o777).toBe(0o644 & ~process.umask());
    expect(statSync(join(directory, 'deep')).mode & 0o777).toBe(0o755 & ~process.umask());
  });

  test('is appended to', () => {
    logged({ filePath: file() }).log.info('one');
    logged({ filePath: file() }).log.info('two');
    expect(readFileSync(file(), 'utf8').trimEnd().split('\n')).toHaveLength(2);
  });

  test.each([
    ['is below a file', () => join(directory, 'file', 'cni.log')],
    ['is a directory', () => directory],
    ['is a FIFO without a reader', () => join(directory, 'fifo')],
  ])('that %s causes no failure and is reported once', (_what, path) => {
    writeFileSync(join(directory, 'file'), '');
    execFileSync('mkfifo', [join(directory, 'fifo')]);
    const { log, lines } = logged({ filePath: path() });
    log.info('one');
    log.info('two');
    expect(lines()).toEqual([
      expect.stringMatching(/: one$/),
      expect.stringContaining(`cannot write log file ${path()}: `),
      expect.stringMatching(/: two$/),
    ]);
  });

  test('that is full is moved aside, under the time in UTC', () => {
    mkdirSync(join(directory, 'deep', 'er'), { recursive: true });
    writeFileSync(file(), 'old\n');
    truncateSync(file(), MEGABYTE);
    const { log } = logged({ filePath: file(), fileMaxSize: 1 });
    log.info('one');
    log.info('two');
    const names = readdirSync(join(directory, 'deep', 'er')).sort();
    expect(names).toEqual(['cni-2026-11-21T07-06-55.176-size.log', 'cni.log']);
    expect(readFileSync(file(), 'utf8').trimEnd().split('\n')).toHaveLength(2);
  });

  test('that another process has moved aside is not moved again', () => {
    const path = join(directory, 'cni.log');
    const { log } = logged({ filePath: path, fileMaxSize: 1 });
    log.info('mine');
    truncateSync(path, MEGABYTE);
    execFileSync('mv', [path, join(directory, 'cni-2026-11-21T07-00-00.000-size.log')]);
    writeFileSync(path, 'theirs\n');
    log.info('new');
    expect(readdirSync(directory)).toHaveLength(2);
    expect(readFileSync(path, 'utf8')).toMatch(/^theirs\n.*: new\n$/);
  });

  test.each([
    ['at most this many', { fileMaxCount: 2, fileMaxAge: 300 }, ['2026-11-20T00-00-00.000-size.log']],
    [
      'none older than so many days, compressed by the original or not',
      { fileMaxCount: 10, fileMaxAge: 2 },
      ['2026-11-20T00-00-00.000-size.log', '2026-11-19T12-00-00.000-size.log.zst'],
    ],
  ])('keeps %s, and does not touch files of others', (_what, limits, kept) => {
    const path = join(directory, 'cni.log');
    const others = ['other-2020-01-01T00-00-00.000-size.log', 'cni-notes.log', 'cni-2020-01-01T00-00-00.000-size.txt'];
    const old = ['2026-11-18T00-00-00.000-size.log', '2026-11-18T00-00-00.000-size.log.zst'];
    const rotated = [...new Set([...old, ...kept, '2026-11-19T12-00-00.000-size.log.zst'])].map(
      (name) => `cni-${name}`,
    );
    for (const name of [...others, ...rotated]) writeFileSync(join(directory, name), '');
    writeFileSync(path, 'x');
    truncateSync(path, MEGABYTE);
    logged({ filePath: path, fileMaxSize: 1, ...limits }).log.info('new');
    const left = [...kept, '2026-11-21T07-06-55.176-size.log'].map((name) => `cni-${name}`);
    expect(readdirSync(directory).sort()).toEqual([...others, 'cni.log', ...left].sort());
  });
});
