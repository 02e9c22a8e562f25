import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Failure } from '../../../shared/error/failure.ts';
import { findProgram, programPath, run } from '../../../shared/system/exec.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'exec-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function failureOf(work: () => unknown): Failure {
  try {
    work();
  } catch (thrown) {
    return thrown as Failure;
  }
  throw new Error('it did not fail');
}

describe('finding a program', () => {
  test('without PATH it is found in the usual folders', () => {
    expect(programPath('sh', {})).toMatch(/^(\/usr)?\/s?bin\/sh$/);
  });

  test('on PATH it is found before the usual folders, ignoring relative entries', () => {
    const path = join(directory, 'sh');
    writeFileSync(path, '');
    chmodSync(path, 0o755);
    expect(programPath('sh', { PATH: `bin:.:/nosuch:${directory}` })).toBe(path);
  });

  test('files that are not executable are skipped', () => {
    writeFileSync(join(directory, 'true'), '', { mode: 0o644 });
    expect(programPath('true', { PATH: directory })).not.toContain(directory);
  });

  test('where one may be missing, it is found in the same places', () => {
    expect(findProgram('sh', {})).toBe(programPath('sh', {}));
    expect(findProgram('nosuch-program')).toBeUndefined();
  });

  test('a missing program is named, with the folders that were searched', () => {
    const { kind, message, details } = failureOf(() => run('nosuch-program', [], { env: { PATH: '/opt/x' } }));
    expect({ kind, message, details }).toEqual({
      kind: 'refused',
      message: 'program nosuch-program not found',
      details: 'looked in /opt/x, /usr/sbin, /sbin, /usr/bin, /bin',
    });
  });
});

describe('running a program', () => {
  test('returns its status and output, for any status', () => {
    expect(run('sh', ['-c', 'echo out; echo err >&2; exit 3'], {})).toEqual({
      status: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('passes its input, or none', () => {
    expect(run('cat', [], { input: 'x'.repeat(1 << 20) }).stdout).toHaveLength(1 << 20);
    expect(run('cat', [], {}).stdout).toBe('');
  });

  test('it need not read its input', () => {
    expect(run('true', [], { input: 'x'.repeat(1 << 20) }).status).toBe(0);
  });

  test('it gets exactly the given environment', () => {
    expect(run('/usr/bin/env', [], { env: { A: '1', B: undefined } }).stdout).toBe('A=1\n');
  });

  test('one that takes too long is killed and named, with its output', () => {
    const started = performance.now();
    const error = failureOf(() => run('/bin/sh', ['-c', 'echo busy >&2; sleep 20'], { timeout: 200 }));
    expect(error).toMatchObject({
      kind: 'refused',
      message: '/bin/sh did not end within 200 ms',
      details: '/bin/sh -c echo busy >&2; sleep 20: busy',
    });
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('one that is killed is reported with its signal', () => {
    expect(failureOf(() => run('/bin/sh', ['-c', 'kill -9 $$'], { input: 'x' })).message).toBe(
      '/bin/sh was killed by SIGKILL',
    );
  });

  test('one that cannot be started is reported with the reason', () => {
    expect(failureOf(() => run('/etc/passwd', [], {})).message).toBe('/etc/passwd could not be started: EACCES');
  });
});
