import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { BIN, ETCD, NET, type Node, test } from '../../support/install/node.ts';

const CONF = `${NET}/10-calico.conflist`;
const KEYFILE = '/etc/NetworkManager/conf.d/calico.conf';
const JOURNAL = '/var/lib/calico/cni-journal';

/** Looks like a certificate or a key at its start and end. */
const pem = (text: string) => `-----BEGIN ${text}`;

describe.concurrent('calico-install on a node with other network software', () => {
  test("configures NetworkManager to ignore Calico's interfaces", async ({ node }) => {
    mkdirSync(node.file('/etc/NetworkManager'), { recursive: true });
    const ran = await node.install();
    expect(ran.stdout).toContain(`wrote ${node.root}${KEYFILE}\n`);
    expect(node.text(KEYFILE)).toMatch(/^unmanaged-devices\+=interface-name:cali\*;interface-name:tunl\*;/m);
  });

  test('names what other plugins have left, and keeps it', async ({ node }) => {
    for (const link of ['flannel.1', 'cni0', 'eth0'])
      mkdirSync(node.file(`/sys/class/net/${link}`), { recursive: true });
    mkdirSync(node.file('/run/systemd/netif/links'), { recursive: true });
    node.put(`${NET}/05-flannel.conflist`, '{}');
    const { stdout } = await node.install();
    expect(stdout).toMatch(/^note: the link cni0 belongs to .*\n/m);
    expect(stdout).toMatch(/^note: the link flannel\.1 belongs to flannel/m);
    expect(stdout).toMatch(/^note: systemd-networkd runs here .*ManageForeignRoutes=no/m);
    expect(stdout).toContain(
      `note: the runtime uses ${node.root}${NET}/05-flannel.conflist instead of 10-calico.conflist`,
    );
    expect(node.text(`${NET}/05-flannel.conflist`)).toBe('{}');
    node.put('/etc/systemd/networkd.conf.d/calico.conf', '[Network]\nManageForeignRoutes=no\n');
    expect((await node.install()).stdout).not.toContain('systemd-networkd');
  });
});

describe.concurrent('calico-install --uninstall', () => {
  /** A node with everything of ours, and some files that are not. */
  async function furnished(node: Node): Promise<void> {
    mkdirSync(node.file('/etc/NetworkManager/conf.d'), { recursive: true });
    for (const path of [
      `${BIN}/host-local`,
      `${NET}/99-loopback.conf`,
      '/secrets/etcd-ca',
      '/secrets/etcd-cert',
      '/secrets/etcd-key',
    ]) {
      node.put(path, pem(path));
    }
    const env = { ...ETCD, TLS_ASSETS_DIR: `${node.root}/secrets` };
    expect(await node.install([], env)).toMatchObject({ exit: 0, stderr: '' });
  }

  test('removes everything that was installed, and nothing else', async ({ node }) => {
    await furnished(node);
    const tls = Object.keys(node.files()).filter((path) => path.includes('/calico-tls/'));
    expect(tls.map((path) => node.text(path))).toEqual(
      ['/secrets/etcd-ca', '/secrets/etcd-cert', '/secrets/etcd-key'].map(pem),
    );
    const before = Object.keys(node.files());
    const dry = await node.install(['--uninstall', '--dry-run'], {});
    expect(dry.stdout).toContain(`would remove ${node.root}${BIN}/calico\n`);
    expect(Object.keys(node.files())).toEqual(before);
    expect(await node.install(['--uninstall'], {})).toMatchObject({ exit: 0, stderr: '' });
    const left = Object.keys(node.files()).filter((path) => !path.startsWith('/secrets/'));
    expect(left).toEqual([`${NET}/99-loopback.conf`, `${BIN}/host-local`]);
    expect(existsSync(node.file(`${NET}/calico-tls`))).toBe(false);
    expect((await node.install(['--uninstall'], {})).stdout).toMatch(
      /^note: calico-install has installed nothing here/,
    );
  });

  test('removes files that are identical to what would be installed, and reports what else of Calico stays', async ({
    node,
  }) => {
    const list = '{"name":"n","type":"calico","etcd_endpoints":"http://a:1","ipam":{"type":"calico-ipam"}}';
    mkdirSync(node.file(BIN), { recursive: true });
    for (const name of ['calico', 'calico-ipam']) {
      copyFileSync(`${tools().bin}/${name}`, node.file(`${BIN}/${name}`));
      chmodSync(node.file(`${BIN}/${name}`), 0o755);
    }
    node.put(CONF, list);
    const byHand = Object.keys(node.files());
    const left = (path: string) => `left ${node.root}${path}: not installed by calico-install\n`;
    const before = await node.install(['--uninstall'], {});
    expect(before).toMatchObject({ exit: 0, stderr: '' });
    expect(before.stdout).toBe(
      `${[CONF, ...[`${BIN}/calico`, `${BIN}/calico-ipam`]].map(left).join('')}note: calico-install has installed nothing here: no ${node.root}${NET}/calico-installed\n`,
    );
    expect(Object.keys(node.files())).toEqual(byHand);
    expect((await node.install()).stdout).toContain(`left ${node.root}${BIN}/calico: unchanged\n`);
    const after = await node.install(['--uninstall'], {});
    expect(after.stdout).toContain(left(CONF));
    expect(after.stdout).toContain(`removed ${node.root}${BIN}/calico\n`);
    expect(Object.keys(node.files())).toEqual([CONF]);
  });

  test('leaves what was changed since', async ({ node }) => {
    await furnished(node);
    node.put(CONF, '{"name":"mine"}');
    renameSync(node.file(`${BIN}/calico`), node.file(`${BIN}/calico.old`));
    node.put(`${BIN}/calico`, 'the original');
    const { stdout } = await node.install(['--uninstall'], {});
    expect(stdout).toContain(`left ${node.root}${BIN}/calico: changed since installation\n`);
    expect([node.text(CONF), node.text(`${BIN}/calico`)]).toEqual(['{"name":"mine"}', 'the original']);
    expect(existsSync(node.file(`${BIN}/calico-ipam`))).toBe(false);
  });

  test('waits for releases that wait for etcd', async ({ node }) => {
    await furnished(node);
    node.put(`${JOURNAL}/abc-01.json`, '{}');
    const refused = await node.install(['--uninstall'], {});
    expect(refused).toMatchObject({ exit: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /^calico-install: 1 release waits in \/var\/lib\/calico\/cni-journal for etcd\n {2}.*--force/,
    );
    expect(existsSync(node.file(CONF))).toBe(true);
    expect((await node.install(['--uninstall', '--force'], {})).exit).toBe(0);
    expect(existsSync(node.file(CONF))).toBe(false);
    expect(existsSync(node.file(`${JOURNAL}/abc-01.json`))).toBe(true);
  });
});

test('calico-install with SLEEP copies certificates whenever they change, until it is stopped', async ({ node }) => {
  const turn = (name: string) => {
    for (const file of ['etcd-ca', 'etcd-cert', 'etcd-key'])
      node.put(`/secrets/..${name}/${file}`, pem(`${file} ${name}`));
    rmSync(node.file('/secrets/..data'), { force: true });
    symlinkSync(`..${name}`, node.file('/secrets/..data'));
  };
  turn('first');
  for (const file of ['etcd-ca', 'etcd-cert', 'etcd-key']) symlinkSync(`..data/${file}`, node.file(`/secrets/${file}`));
  const [program = '', ...enter] = node.host.enter();
  const env = { ...ETCD, TLS_ASSETS_DIR: `${node.root}/secrets`, SLEEP: 'true', PATH: process.env['PATH'] ?? '' };
  const words = [...enter, `${tools().bin}/calico-install`, '--root', node.root];
  const running = spawn(program, words, { env, stdio: 'ignore' });
  const copied = async (name: string) => {
    for (let tries = 0; tries < 300; tries++) {
      const paths = ['etcd-ca', 'etcd-cert', 'etcd-key'].map((file) => node.file(`${NET}/calico-tls/${file}`));
      if (paths.every((path) => existsSync(path) && readFileSync(path, 'utf8').endsWith(name))) return true;
      await sleep(50);
    }
    return false;
  };
  try {
    expect(await copied('first')).toBe(true);
    turn('second');
    expect(await copied('second')).toBe(true);
    running.kill('SIGTERM');
    expect(await once(running, 'exit')).toEqual([0, null]);
  } finally {
    running.kill('SIGKILL');
  }
});
