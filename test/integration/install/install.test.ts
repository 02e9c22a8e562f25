import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { BIN, ETCD, NET, type Node, sumOf, test } from '../../support/install/node.ts';

const OURS = ['calico', 'calico-install', 'calico-ipam'].map((name) => `${BIN}/${name}`);
const CONF = `${NET}/10-calico.conflist`;
const RECORD = `${NET}/calico-installed`;
const TEMPLATE = '{"name":"n","type":"calico","etcd_endpoints":"__ETCD_ENDPOINTS__","ipam":{"type":"calico-ipam"}}';
const sumsOf = (node: Node) => [...OURS, CONF].map((path) => node.files()[path]?.sum);
const paths = (node: Node) => Object.keys(node.files());

describe.concurrent('calico-install', () => {
  test('prepares a bare node', async ({ node }) => {
    const ran = await node.install();
    expect(ran).toMatchObject({ exit: 0, stderr: '' });
    expect(ran.stdout).toMatch(`installed ${node.root}${BIN}/calico\nlinked ${node.root}${BIN}/calico-ipam`);
    const files = node.files();
    expect(Object.keys(files)).toEqual([CONF, RECORD, ...OURS].sort());
    expect(new Set(OURS.map((path) => files[path]?.inode)).size).toBe(1);
    expect(OURS.map((path) => files[path]?.mode)).toEqual([0o755, 0o755, 0o755]);
    expect(files[OURS[0] ?? '']?.sum).toBe(sumOf(`${tools().bin}/calico`));
    expect([files[CONF]?.mode, files[RECORD]?.mode]).toEqual([0o600, 0o600]);
    expect(JSON.parse(node.text(CONF)).plugins[0]).toMatchObject({
      type: 'calico',
      etcd_endpoints: ETCD.ETCD_ENDPOINTS,
    });
    const version = await node.host.run(`${node.root}${BIN}/calico-ipam`, ['-v']);
    expect(version).toMatchObject({ exit: 0, stderr: '' });
  });

  test.for([
    ['a link to itself', (path: string): void => symlinkSync(basename(path), path)],
    ['a link to nowhere', (path: string): void => symlinkSync('/nowhere', path)],
    ['a FIFO', (path: string): void => void execFileSync('mkfifo', [path])],
  ] as const)('puts back what was replaced by %s', async ([, put], { node }) => {
    await node.install();
    const before = sumsOf(node);
    for (const path of [...OURS, CONF]) {
      rmSync(node.file(path));
      put(node.file(path));
    }
    expect(await node.install()).toMatchObject({ exit: 0, stderr: '' });
    expect(sumsOf(node)).toEqual(before);
  });

  test('changes nothing the second time', async ({ node }) => {
    const env = { ...ETCD, CNI_NETWORK_CONFIG: TEMPLATE };
    await node.install([], env);
    const before = node.files();
    const ran = await node.install([], env);
    expect(ran.exit).toBe(0);
    expect(node.files()).toEqual(before);
    expect(ran.stdout.replace(/^note: .*\n/gm, '')).toMatch(/^(left .*: unchanged\n){4}$/);
  });

  test('--dry-run prints what would be done, and does nothing', async ({ node }) => {
    node.put(CONF, TEMPLATE.replace('__ETCD_ENDPOINTS__', 'http://a:1'));
    const before = node.files();
    const env = { ...ETCD, CNI_CONF_NAME: '05-calico.conflist' };
    const dry = await node.install(['--dry-run'], env);
    expect(dry).toMatchObject({ exit: 0, stderr: '' });
    expect(node.files()).toEqual(before);
    const real = await node.install([], env);
    const done = {
      'would install': 'installed',
      'would link': 'linked',
      'would write': 'wrote',
      'would remove': 'removed',
    };
    expect(Object.entries(done).reduce((text, [would, did]) => text.replaceAll(would, did), dry.stdout)).toBe(
      real.stdout,
    );
    expect(paths(node)).not.toContain(CONF);
  });

  test('replaces a running executable, whose process continues', async ({ node }) => {
    mkdirSync(node.file(BIN), { recursive: true });
    copyFileSync('/bin/sleep', node.file(OURS[0] ?? ''));
    const [program = '', ...enter] = node.host.enter();
    const running = spawn(program, [...enter, `${node.root}${OURS[0]}`, '1000'], { stdio: 'ignore' });
    try {
      await once(running, 'spawn');
      await node.host.must('sh', ['-c', `until grep -q calico /proc/${running.pid}/comm; do sleep 0.01; done`]);
      expect(await node.install()).toMatchObject({ exit: 0, stderr: '' });
      expect(node.files()[OURS[0] ?? '']?.sum).toBe(sumOf(`${tools().bin}/calico`));
      expect(running.exitCode ?? running.signalCode).toBeNull();
    } finally {
      running.kill('SIGKILL');
      await once(running, 'exit');
    }
  });

  test('run twice concurrently gives the same result as once', async ({ node }) => {
    const both = await Promise.all([node.install(), node.install()]);
    expect(both.map(({ exit }) => exit)).toEqual([0, 0]);
    expect(paths(node)).toEqual([CONF, RECORD, ...OURS].sort());
    expect(OURS.map((path) => node.files()[path]?.sum)).toEqual(OURS.map(() => sumOf(`${tools().bin}/calico`)));
  });

  test('killed during a copy leaves no partial file, and the next run finishes', async ({ node }) => {
    await killWhile(node, () => underWay(node, BIN));
    const whole = sumOf(`${tools().bin}/calico`);
    const files = node.files();
    for (const path of OURS) expect([undefined, whole]).toContain(files[path]?.sum);
    for (const path of [CONF, RECORD].filter((each) => files[each] !== undefined)) JSON.parse(node.text(path));
    // Makes the partial files look abandoned long ago.
    for (const path of paths(node)) utimesSync(node.file(path), 0, 0);
    expect((await node.install()).exit).toBe(0);
    expect(paths(node)).toEqual([CONF, RECORD, ...OURS].sort());
  });
});

const underWay = ({ file }: Node, folder: string) =>
  existsSync(file(folder)) && readdirSync(file(folder)).some((name) => name.startsWith('.'));

/** Kills an installation as soon as a state is seen. Starts over if the installation was faster. */
async function killWhile(node: Node, seen: () => boolean): Promise<void> {
  const [program = '', ...enter] = node.host.enter();
  for (let tries = 0; tries < 20; tries++) {
    for (const folder of ['/opt', '/etc']) rmSync(node.file(folder), { recursive: true, force: true });
    const words = [...enter, `${tools().bin}/calico-install`, '--root', node.root];
    const running = spawn(program, words, { env: ETCD, stdio: 'ignore' });
    const ended = once(running, 'exit');
    while (running.exitCode === null && !seen()) await setImmediate();
    running.kill('SIGKILL');
    await ended;
    if (running.signalCode === 'SIGKILL' && seen()) return;
  }
  throw new Error('every installation was faster than the signal');
}

describe.concurrent('calico-install reports why it cannot install:', () => {
  /** Runs it, expects that it changes nothing, and returns what it prints. */
  async function refusal(node: Node, args: readonly string[], env: Readonly<Record<string, string>>) {
    const before = node.files();
    const { exit, stderr, stdout } = await node.install(args, env);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
    expect(node.files()).toEqual(before);
    return stderr;
  }

  test('a template that is not JSON', async ({ node }) => {
    const said = await refusal(node, [], { ...ETCD, CNI_NETWORK_CONFIG: '{"name": "n", "mtu": __CNI_MTU' });
    expect(said).toMatch(/^calico-install: CNI config is not valid JSON: .+\n {2}CNI_NETWORK_CONFIG\n$/);
  });

  test('a template file that does not exist', async ({ node }) => {
    const said = await refusal(node, [], { ...ETCD, CNI_NETWORK_CONFIG_FILE: '/no/such' });
    expect(said).toMatch(/^calico-install: cannot read \/no\/such: /);
  });

  test('no etcd endpoints', async ({ node }) => {
    expect(await refusal(node, [], {})).toMatch(/^calico-install: no etcd endpoints are set\n {2}set ETCD_ENDPOINTS/);
  });

  test('an invalid root', async ({ node }) => {
    const said = await refusal(node, ['--root', '/run/calico-test/nod'], ETCD);
    expect(said).toBe('calico-install: /run/calico-test/nod is not a directory\n');
  });

  test('a directory that is not writable', async ({ node }) => {
    mkdirSync(node.file(BIN), { recursive: true });
    await node.host.must('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', `${node.root}${BIN}`]);
    expect(await refusal(node, [], ETCD)).toContain(`${node.root}${BIN}: not writable`);
  });

  test('a damaged record', async ({ node }) => {
    node.put(RECORD, '{');
    expect(await refusal(node, ['--uninstall'], {})).toContain(
      `cannot read what was installed here: ${node.root}${RECORD}`,
    );
  });

  test('a full disk, without leaving a partial file', async ({ node }) => {
    mkdirSync(node.file(BIN), { recursive: true });
    await node.host.must('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', `${node.root}${BIN}`]);
    const { exit, stderr } = await node.install();
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: expect.stringContaining('the disk is full') });
    expect(paths(node)).toEqual([RECORD]);
    expect(stderr).toContain(join(node.root, BIN, 'calico'));
  });
});
