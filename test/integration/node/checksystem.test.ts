import { mkdirSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { expect } from 'vitest';
import { test } from '../../support/bed/bed.ts';
import { calicoctl } from '../../support/calicoctl/calicoctl.ts';

interface Found {
  readonly name: string;
  readonly state: string;
  readonly found: string;
}

test('checksystem tells what this machine is, without a datastore', async ({ bed }) => {
  const { exit, stdout, stderr } = await calicoctl(bed, 'node checksystem -o json', {
    ETCD_ENDPOINTS: 'http://127.0.0.1:1',
  });
  expect(stderr).toBe('');
  const { ok, failed, checks } = JSON.parse(stdout) as { ok: boolean; failed: number; checks: readonly Found[] };
  expect(exit).toBe(ok ? 0 : 1);
  expect(checks.filter(({ state }) => state === 'failed')).toHaveLength(failed);
  const found = Object.fromEntries(checks.map(({ name, found: what }) => [name, what]));
  expect(found).toMatchObject({ 'Linux, 4.18 or later': release(), user: 'root', 'net/ipv4/ip_forward': '1' });
  expect(found['ip']).toMatch(/\/ip$/);
});

test('it finds what others have left, and the text says what to do', async ({ bed }) => {
  await bed.host.must('ip', ['link', 'add', 'flannel.1', 'type', 'veth', 'peer', 'name', 'other']);
  await bed.host.must('sh', ['-c', 'echo 2 > /proc/sys/net/ipv4/conf/all/rp_filter']);
  mkdirSync(bed.host.file('/run/calico-test/net.d'), { recursive: true });
  const conf = '{"cniVersion":"1.0.0","name":"x","plugins":[{"type":"bridge"}]}';
  writeFileSync(bed.host.file('/run/calico-test/net.d/10-x.conflist'), conf);
  await bed.host.must('bash', ['-c', '(exec -a calico-felix sleep 5) > /dev/null 2>&1 &']);
  const { stdout } = await calicoctl(bed, 'node checksystem', { CNI_NET_DIR: '/run/calico-test/net.d' });
  expect(stdout).toMatch(/^ {4}other networks of pods +interface flannel\.1 of flannel +WARNING$/m);
  expect(stdout).toMatch(/^WARNING: other networks of pods: .*: ip link delete flannel\.1; /m);
  expect(stdout).toMatch(/^WARNING: calico\/node: Felix runs on this machine \(pid \d+: calico-felix 5\): /m);
  expect(stdout).toMatch(/^WARNING: net\/ipv4\/conf\/all\/rp_filter: 2: /m);
  expect(stdout).toMatch(
    /^WARNING: network configuration: \/run\/calico-test\/net\.d\/10-x\.conflist is of another plugin: /m,
  );
  expect(stdout).toMatch(
    /^System (?:meets minimum system requirements to run Calico! \(\d+ warnings\)|doesn't meet .*)$/m,
  );
});

test.for([
  ['05-x.conf', '{"type":"bridge"}'],
  ['05-x.json', '{"plugins":[{"type":"bridge"}]}'],
] as const)('a configuration in %s comes before a list, as runtimes take it', async ([name, text], { bed }) => {
  const folder = bed.host.file('/run/calico-test/net.d');
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/10-calico.conflist`, '{"plugins":[{"type":"calico"}]}');
  writeFileSync(`${folder}/${name}`, text);
  const { stdout } = await calicoctl(bed, 'node checksystem', { CNI_NET_DIR: '/run/calico-test/net.d' });
  expect(stdout).toContain(`/run/calico-test/net.d/${name} is of another plugin`);
});

test('a kernel configuration decides about modules that are nowhere else', async ({ bed }) => {
  const file = '/run/calico-test/config';
  writeFileSync(bed.host.file(file), 'CONFIG_X=y\n# CONFIG_NET_SCH_TBF is not set\n');
  const { stdout } = await calicoctl(bed, `node checksystem -o json -f ${file}`);
  const { checks } = JSON.parse(stdout) as { checks: readonly Found[] };
  const tbf = checks.find(({ name }) => name.startsWith('sch_tbf'));
  expect(tbf?.found).toMatch(/^(?:missing|loaded|can be loaded)$/);
});

test('a kernel configuration that is not there is told', async ({ bed }) => {
  const { exit, stderr } = await calicoctl(bed, 'node checksystem -f /none');
  expect(exit).toBe(1);
  expect(stderr).toBe(
    'Failed to execute command: cannot read /none\n  give a kernel configuration as text, e.g. /boot/config-6.1.0\n',
  );
});

test('a format that does not exist is a mistake of the caller', async ({ bed }) => {
  const { exit, stderr } = await calicoctl(bed, 'node checksystem -o xml');
  expect(exit).toBe(2);
  expect(stderr).toContain("argument 'xml' is invalid");
});
