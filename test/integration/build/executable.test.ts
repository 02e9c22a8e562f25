import { existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crates } from '../../../build/notices.ts';
import { tools } from '../../../build/tools.ts';
import { CONFINEMENTS } from '../../support/calls/confined.ts';
import { hostileFolder, hostileSurroundings } from './hostile-surroundings.ts';

const { version, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

/** The header of an ELF file's segments that names the loader of shared libraries. */
const PT_INTERP = 3;

/** Alpine's architecture in the name of musl, by processor. */
const MUSL_NAMES = ['libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1'];

const executable = (name = 'calico') => join(tools().bin, name);

/** Runs a program with this environment and no other variable. */
async function run(program: string, args: readonly string[], env: Record<string, string> = {}, cwd = '/') {
  const { exitCode, stdout, stderr } = await execa(program, args, { env, extendEnv: false, cwd, reject: false });
  return { exitCode, stdout, stderr };
}

let folder = '';
beforeAll(() => {
  // On the file system of the executables, for hard links.
  folder = mkdtempSync(join(tools().bin, 'names-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the built executable', () => {
  test('is one file of at most 5 MB under four names', () => {
    const names = ['calico', 'calico-ipam', 'calicoctl', 'calico-install'];
    const [calico, ...others] = names.map((name) => statSync(executable(name)));
    expect(others.map(({ ino }) => ino)).toEqual(others.map(() => calico?.ino));
    expect(calico?.size).toBeLessThanOrEqual(5e6);
  });

  test('is static: it needs no library of the machine', async () => {
    const file = readFileSync(executable());
    const [table, size, count] = [Number(file.readBigUInt64LE(0x20)), file.readUInt16LE(0x36), file.readUInt16LE(0x38)];
    const kinds = Array.from({ length: count }, (_, index) => file.readUInt32LE(table + index * size));
    expect(kinds).not.toContain(PT_INTERP);
  });

  test('prints the version of package.json under every name', async () => {
    const answer = { exitCode: 0, stdout: version, stderr: '' };
    expect(await run(executable('calico'), ['-v'])).toEqual(answer);
    expect(await run(executable('calico-ipam'), ['-v'])).toEqual(answer);
    expect(await run(executable('calicoctl'), ['-v'])).toEqual(answer);
  });

  test.each([
    ['a hard link', linkSync],
    ['a symbolic link', symlinkSync],
  ])('works under the name of %s', async (_, link) => {
    const [ipam, other] = [join(folder, link.name, 'calico-ipam'), join(folder, link.name, 'other')];
    mkdirSync(join(folder, link.name));
    for (const path of [ipam, other]) link(executable('calico'), path);
    expect((await run(ipam, [])).stderr).toMatch(/^Calico CNI IPAM /);
    expect(await run(other, [])).toEqual({ exitCode: 2, stdout: '', stderr: 'Unknown binary name: other\n'.trim() });
  });

  test.each(['--version', '--inspect', '--print=1', '-e', '--preload=/tmp/x.js'])(
    "ignores the runtime's own switches: %s",
    async (flag) => {
      const { exitCode, stdout, stderr } = await run(executable(), [flag]);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toMatch(/^flag provided but not defined: /);
    },
  );

  test.each(['run', 'pack'])("has none of its native part's commands: %s", async (word) => {
    const { exitCode, stdout, stderr } = await run(executable(), [word, '/nosuch.mjs']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
    expect(stderr).toMatch(/^Calico CNI plugin /);
  });

  test.skipIf(!existsSync('/usr/share/zoneinfo/UTC')).each([
    ['', 0],
    ['Asia/Kathmandu', 345],
    ['America/Bogota', -300],
    [':/usr/share/zoneinfo/Asia/Kolkata', 330],
  ])('logs the time of the zone "%s"', async (zone, offset) => {
    const { stderr } = await run(executable(), [], { CNI_COMMAND: 'ADD', TZ: zone });
    const logged = Date.parse(`${stderr.slice(0, 23).replace(' ', 'T')}Z`) - offset * 60_000;
    expect(Math.round((Date.now() - logged) / 60_000)).toBe(0);
  });

  test('comes with the license notices of its parts', () => {
    expect(readFileSync(executable('THIRD-PARTY-NOTICES.txt'), 'utf8')).toMatch(/yaml 2[\s\S]*Permission to use, copy/);
    const { components } = JSON.parse(readFileSync(executable('sbom.json'), 'utf8'));
    expect(components.map((component: { name: string }) => component.name)).toEqual([
      ...Object.keys(dependencies).sort(),
      ...crates().map(({ name }) => name),
    ]);
  });
});

describe('no surroundings change how the executable behaves:', () => {
  const hostile = hostileFolder(tmpdir());
  afterAll(() => rmSync(hostile, { recursive: true, force: true }));

  test.each(hostileSurroundings(hostile).map((env) => [Object.keys(env).join(), env] as const))(
    '%s',
    async (_, env) => {
      const plain = await run(executable(), [], { CNI_COMMAND: 'VERSION' });
      expect(plain.stdout).toMatch(/^\{"cniVersion":"1\.1\.0"/);
      expect(await run(executable(), [], { CNI_COMMAND: 'VERSION', ...env }, hostile)).toEqual(plain);
    },
  );
});

describe('no library is loaded from the working directory:', () => {
  const planted = mkdtempSync(join(tmpdir(), 'calico-planted-'));
  // Opening a FIFO without a writer blocks forever, so a program that opens one never ends.
  beforeAll(() =>
    execa(
      'mkfifo',
      ['libc.so.6', 'libc.so', ...MUSL_NAMES].map((name) => join(planted, name)),
    ),
  );
  afterAll(() => rmSync(planted, { recursive: true, force: true }));

  const CALLS = [
    ['calico', ['-v'], {}],
    ['calico', [], { CNI_COMMAND: 'STATUS', CNI_PATH: '/nosuch' }],
    ['calicoctl', ['version', '--client'], {}],
    ['calicoctl', ['get', 'nodes'], { ETCD_ENDPOINTS: 'http://127.0.0.1:1' }],
    ['calico-install', ['--dry-run'], {}],
  ] as const;

  test.each([{ name: 'no limit', words: ['/usr/bin/env'] }, ...CONFINEMENTS])('under $name', async ({ words }) => {
    for (const [name, args, env] of CALLS) {
      const [program = '', ...before] = words;
      const input = '{"cniVersion":"1.1.0","name":"net1"}';
      const options = { env: { PATH: process.env['PATH'] ?? '', ...env }, extendEnv: false, cwd: planted, input };
      const ran = await execa(program, [...before, executable(name), ...args], {
        ...options,
        reject: false,
        timeout: 10_000,
      });
      expect({ name, args, timedOut: ran.timedOut }).toEqual({ name, args, timedOut: false });
      expect(ran.exitCode, ran.stderr).toBeLessThanOrEqual(1);
    }
  });
});
