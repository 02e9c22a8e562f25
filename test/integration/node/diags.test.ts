import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { type Bed, test } from '../../support/bed/bed.ts';
import { calicoctl } from '../../support/calicoctl/calicoctl.ts';

/** What must be nowhere in an archive, by where it is on the machine. */
const SECRETS = {
  conflist: 'sEcret-of-conflist',
  conflistToken: 'sEcret-of-k8s-token',
  calicoctl: 'sEcret-of-calicoctl-cfg',
  log: 'sEcret-in-a-log-line',
  url: 'sEcret-in-a-url',
  bird: 'sEcret of bird',
  kubeconfig: 'sEcret-of-kubeconfig',
  environment: 'sEcret-of-environment',
  bgpFile: 'sEcret-in-a-password-file',
  key: 'MIIsEcretPrivateKey',
} as const;

const KEY = `-----BEGIN RSA PRIVATE KEY-----\n${SECRETS.key}\n-----END RSA PRIVATE KEY-----\n`;

/** Writes files on the bed’s machine. */
function write(bed: Bed, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(bed.host.file(dirname(path)), { recursive: true });
    writeFileSync(bed.host.file(path), text);
  }
}

/** Secrets in all the places that are read. */
async function plant(bed: Bed): Promise<void> {
  await bed.host.must('sh', ['-ec', 'for d in /etc/calico /etc/cni; do mkdir -p $d; mount -t tmpfs tmpfs $d; done']);
  const plugin = {
    type: 'calico',
    etcd_password: SECRETS.conflist,
    kubernetes: { k8s_auth_token: SECRETS.conflistToken },
  };
  write(bed, {
    '/etc/cni/net.d/10-calico.conflist': JSON.stringify({ name: 'net1', plugins: [plugin] }),
    '/etc/cni/net.d/calico-kubeconfig': `users:\n- user:\n    token: ${SECRETS.kubeconfig}\n`,
    '/etc/calico/calicoctl.cfg': [
      'apiVersion: projectcalico.org/v3',
      'kind: CalicoAPIConfig',
      'metadata:',
      'spec:',
      '  etcdEndpoints: http://127.0.0.1:2379',
      `  etcdPassword: ${SECRETS.calicoctl}`,
    ].join('\n'),
    '/etc/calico/other.yaml': `key: |\n${KEY.replaceAll(/^/gm, '    ')}`,
    '/etc/calico/bgp-passwords/rack/password': `${SECRETS.bgpFile}\n`,
    '/run/calico/bird.cfg': `protocol bgp x {\n  neighbor 10.0.0.9 as 64512;\n  password "${SECRETS.bird}";\n}\n`,
    '/var/log/calico/cni/cni.log': [
      `GET https://admin:${SECRETS.url}@10.0.0.1/x`,
      `refused: password=${SECRETS.log}`,
      `seen: ${SECRETS.kubeconfig} and ${SECRETS.conflist}, ${SECRETS.environment}, ${SECRETS.bgpFile}`,
      KEY,
    ].join('\n'),
  });
}

interface Unpacked {
  readonly archive: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Collects, and reads the archive as its reader would. */
async function diags(bed: Bed, line = '', env: Readonly<Record<string, string>> = {}): Promise<Unpacked> {
  const { exit, stdout, stderr } = await calicoctl(bed, `node diags -o /run/calico-test/diags${line}`, env);
  expect([exit, stderr]).toEqual([0, '']);
  const [, archive = ''] = /^Diags saved to (\S+)$/m.exec(stdout) ?? [];
  const folder = bed.host.file('/run/calico-test/unpacked');
  mkdirSync(folder);
  execFileSync('tar', ['xf', bed.host.file(archive), '-C', folder, '--strip-components=1']);
  const listed = execFileSync('tar', ['tf', bed.host.file(archive)], { encoding: 'utf8' })
    .trim()
    .split('\n');
  expect(listed.filter((name, at) => listed.indexOf(name) !== at)).toEqual([]);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return { archive, files: Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')])) };
}

test('the archive has what shows the network, and no secret from anywhere', async ({ bed }) => {
  const container = await bed.container();
  await bed.add(container);
  await plant(bed);
  const { archive, files } = await diags(bed, '', { ETCD_PASSWORD: SECRETS.environment });
  expect(archive).toBe('/run/calico-test/diags.tar.gz');
  expect(statSync(bed.host.file(archive)).mode & 0o777).toBe(0o600);
  const all = Object.entries(files);
  for (const [where, secret] of Object.entries(SECRETS)) {
    for (const form of [secret, Buffer.from(secret).toString('base64').replace(/=+$/, ''), encodeURIComponent(secret)])
      expect(
        all.filter(([, text]) => text.includes(form)).map(([name]) => name),
        where,
      ).toEqual([]);
  }
  expect(files['network/links']).toMatch(/cali[0-9a-f]{11}/);
  expect(files['network/routes']).toMatch(/192\.168\.\d+\.\d+ dev cali/);
  expect(files['calicoctl/ipam-check']).toContain('found 0 problems');
  expect(files['calicoctl/get-ippools']).toContain('cidr: 192.168.0.0/16');
  expect(files['calicoctl/node-checksystem']).toContain('Checking kernel version...');
  expect(files['calicoctl/node-status']).toMatch(/^\{\n/);
  expect(files['files/etc/cni/net.d/10-calico.conflist']).toContain('"etcd_password":"(removed)"');
  expect(files['files/var/run/calico/bird.cfg']).toContain('neighbor 10.0.0.9 as 64512;\n  password "(removed)";');
  expect(files['logs/cni/cni.log']).toMatch(
    /^GET https:\/\/\(removed\)@10\.0\.0\.1\/x\nrefused: password=\(removed\)\n/,
  );
  expect(files['summary']).toMatch(/^Node \S+, \d{4}-/);
  await bed.del(container);
});

test('a frozen datastore is given up, and everything else is collected', async ({ bed }) => {
  bed.etcd.pause();
  const { files } = await diags(bed);
  expect(files['summary']).toMatch(/^ {2}calicoctl\/get-nodes: the datastore does not answer$/m);
  expect(files['network/routes']).toContain('default via 10.0.0.254');
  expect(files['calicoctl/datastore-check']).toBeDefined();
});

test('large logs are cut to their ends, and the newest are taken', async ({ bed }) => {
  const line = `${'x'.repeat(99)}\n`;
  const many = Object.fromEntries(
    [...Array(30).keys()].map((at) => [`/var/log/calico/cni/old-${at}.log`, `old ${at}\n`]),
  );
  write(bed, many);
  write(bed, { '/var/log/calico/cni/cni.log': `first\n${line.repeat(50_000)}last\n` });
  const { archive, files } = await diags(bed);
  const log = files['logs/cni/cni.log'] ?? '';
  expect(log.endsWith('last\n')).toBe(true);
  expect(log.length).toBeLessThan(1_100_000);
  expect(Object.keys(files).filter((name) => name.startsWith('logs/cni/'))).toHaveLength(20);
  expect(statSync(bed.host.file(archive)).size).toBeLessThan(1 << 20);
});

test('an archive replaces no file, and follows no link', async ({ bed }) => {
  write(bed, { '/run/calico-test/victim': 'mine' });
  symlinkSync('victim', bed.host.file('/run/calico-test/diags.tar'));
  const { exit, stderr } = await calicoctl(bed, 'node diags -o /run/calico-test/diags');
  expect(exit).toBe(1);
  expect(stderr).toMatch(/^Failed to execute command: cannot write \/run\/calico-test\/diags\.tar: /);
  expect(readFileSync(bed.host.file('/run/calico-test/victim'), 'utf8')).toBe('mine');
});
