import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CniError, toCniError } from '../../../shared/cni/cni-error.ts';
import { delegate } from '../../../shared/cni/delegate.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'delegate-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** A plugin that is a shell script with this name. */
function plugin(name: string, script: string): void {
  writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, name), 0o755);
}

function call(type: string, verb: 'ADD' | 'DEL' = 'ADD', text = '{}') {
  const world = fakeWorld({ PATH: '/usr/bin:/bin', CNI_COMMAND: 'ADD', CNI_ARGS: 'IP=10.0.0.9' });
  const result = delegate(verb, type, { world, cmd: { path: ['', '/nosuch', directory] }, conf: { text } });
  return { result, world };
}

function failureOf(type: string): Pick<CniError, 'code' | 'message' | 'details'> {
  try {
    call(type);
  } catch (thrown) {
    const { code, message, details } = toCniError(thrown);
    return { code, message, details };
  }
  throw new Error('it did not fail');
}

describe('a plugin that succeeds', () => {
  test('gets our standard input and environment, except for the command', () => {
    plugin('tell', `cat >${directory}/stdin; echo "$CNI_COMMAND $CNI_ARGS" >${directory}/env`);
    call('tell', 'DEL', '{"name":"n"}');
    expect(readFileSync(join(directory, 'stdin'), 'utf8')).toBe('{"name":"n"}');
    expect(readFileSync(join(directory, 'env'), 'utf8')).toBe('DEL IP=10.0.0.9\n');
  });

  test('returns its result for ADD and passes its stderr to ours', () => {
    plugin('gives', 'echo a warning >&2; echo \'{"ip4":{"ip":"10.0.0.5/24"}}\'');
    const { result, world } = call('gives');
    expect(result).toEqual({ interfaces: [], ips: [{ address: '10.0.0.5/24' }], routes: [] });
    expect(world.err()).toBe('a warning\n');
    expect(world.out()).toBe('');
  });

  test('may print nothing for DEL, and need not read its input', () => {
    plugin('lazy', 'exec 0<&-; exit 0');
    expect(call('lazy', 'DEL', 'x'.repeat(1 << 20)).result).toBeUndefined();
  });

  test('fails when an ADD prints no result', () => {
    plugin('empty', 'exit 0');
    expect(failureOf('empty')).toMatchObject({
      code: 999,
      message: 'failed to read result of plugin empty: unexpected end of JSON input',
    });
  });
});

describe('a plugin that fails', () => {
  test('has its error passed on with code and details, without its stderr', () => {
    plugin('says', 'echo noise >&2; echo \'{"code":7,"msg":"bad subnet","details":"d"}\'; exit 3');
    expect(failureOf('says')).toEqual({ code: 7, message: 'bad subnet', details: 'd' });
  });

  test('with output only on stderr is quoted', () => {
    plugin('mutters', 'printf \'a "b"\\n\' >&2; exit 2');
    expect(failureOf('mutters')).toMatchObject({ code: 999, message: 'netplugin failed: "a \\"b\\"\\n"' });
  });

  test('without output is reported by its exit status, or the signal that killed it', () => {
    plugin('silent', 'exit 4');
    plugin('killed', 'kill -9 $$');
    expect(failureOf('silent')).toEqual({
      code: 999,
      message: 'netplugin failed with no error message: exit status 4',
      details: join(directory, 'silent'),
    });
    expect(failureOf('killed').message).toBe('netplugin failed with no error message: signal: SIGKILL');
  });

  test('with output that is not JSON is quoted', () => {
    plugin('babbles', 'echo oops; exit 1');
    expect(failureOf('babbles').message).toMatch(
      /^netplugin failed but error parsing its diagnostic message "oops\\n": ./,
    );
  });

  test('because it is not executable is reported so', () => {
    writeFileSync(join(directory, 'data'), 'x', { mode: 0o644 });
    expect(failureOf('data').message).toBe('netplugin failed with no error message: permission denied');
  });
});

describe('a plugin that is not found', () => {
  test.each([
    ['', 'no plugin name provided'],
    ['a/b', 'invalid plugin name: a/b'],
    ['..', 'failed to find plugin ".." in path [ /nosuch DIRECTORY]'],
    ['nosuch', 'failed to find plugin "nosuch" in path [ /nosuch DIRECTORY]'],
    ['sub', 'failed to find plugin "sub" in path [ /nosuch DIRECTORY]'],
  ])('%j', (type, expected) => {
    mkdirSync(join(directory, 'sub'), { recursive: true });
    expect(failureOf(type)).toMatchObject({ code: 999, message: expected.replace('DIRECTORY', directory) });
  });
});

test('a plugin that is being written is tried again a second later', async () => {
  plugin('fresh', 'echo done >&2');
  // The kernel refuses to run a script (ETXTBSY) while any process, here this shell, has it open for writing.
  const script = `exec 3>>${join(directory, 'fresh')}; echo open; sleep 0.5`;
  const writer = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(writer.stdout, 'data');
  const started = performance.now();
  expect(call('fresh', 'DEL').world.err()).toBe('done\n');
  expect(performance.now() - started).toBeGreaterThan(900);
});
