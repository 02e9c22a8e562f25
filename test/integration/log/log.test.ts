import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { type Bed, test } from '../../support/bed/bed.ts';
import { environment, failureOf, resultOf } from '../../support/calls/call.ts';
import { unreadStderr } from '../../support/host/unread-stderr.ts';
import { netnsPath } from '../../support/network/netns.ts';
import { conf } from '../../support/stored/cluster.ts';

const FILE = '/var/log/calico/cni/cni.log';
const PASSWORD = 'correct-horse-battery';
const DEBUG = conf({
  log_level: 'debug',
  log_file_path: FILE,
  policy: { k8s_auth_token: 'token-that-nobody-may-see' },
});

describe.concurrent('the log', () => {
  test('goes to a file of mode 0644 in a directory of mode 0755, whatever the umask', async ({ bed }) => {
    await bed.add(await bed.container(), { conf: DEBUG });
    expect(mode(bed, FILE)).toBe('644');
    expect(mode(bed, '/var/log/calico/cni')).toBe('755');
  });

  test("has Calico's format: time, level, pid, component, message", async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container, { conf: DEBUG });
    const lines = readFileSync(bed.host.file(FILE), 'utf8').trimEnd().split('\n');
    const line =
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \[(DEBUG|INFO|WARNING|ERROR)\]\[\d+\] (cni-plugin|ipam)\/\S+: ./;
    expect(lines.filter((text) => !line.test(text))).toEqual([]);
    expect(lines.join()).toContain(container.containerID);
  });

  test('is empty at level error when all goes well, even on stderr', async ({ bed }) => {
    const ran = await bed.call('ADD', await bed.container(), { conf: conf({ log_file_path: FILE }) });
    expect(ran.exit).toBe(0);
    expect(ran.stderr).toBe('');
    if (existsSync(bed.host.file(FILE))) expect(readFileSync(bed.host.file(FILE), 'utf8')).toBe('');
  });

  test('that cannot be written does not stop ADD', async ({ bed }) => {
    const changes = { conf: conf({ log_file_path: '/proc/nosuch/cni.log' }) };
    expect((await bed.add(await bed.container(), changes)).ips).toHaveLength(1);
  });
});

describe('a log that cannot be written', () => {
  const FILL =
    'use Fcntl; sysopen my $f, "/run/calico-test/full", O_RDWR | O_NONBLOCK or die $!; 1 while syswrite $f, "x" x 1024; sleep 60';

  test.for(['pipe', 'socket', 'terminal'] as const)(
    'blocks no verb: standard error is a full %s',
    async (kind, { bed }) => {
      const container = await bed.container();
      for (const command of ['ADD', 'CHECK', 'DEL', 'GC', 'STATUS']) {
        const version = { ...DEBUG, cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] };
        const call = { command, ...container, netns: netnsPath(container.netns), conf: '' };
        const env = environment({ ...call, env: { PATH: process.env['PATH'] ?? '' } });
        const [perl = '', ...words] = [...unreadStderr(kind, 'full'), `${tools().bin}/calico`];
        const ran = await bed.host.run(perl, words, { env, input: JSON.stringify(version) });
        // CHECK has no prevResult and reports it.
        expect([command, ran.exit]).toEqual([command, command === 'CHECK' ? 1 : 0]);
        expect(ran.millis).toBeLessThan(10_000);
      }
    },
  );

  test.for([
    ['a FIFO without a reader', 'mkfifo /run/calico-test/fifo', '/run/calico-test/fifo'],
    ['a full FIFO', 'mkfifo /run/calico-test/full', '/run/calico-test/full'],
    ['a full device', '', '/dev/full'],
    ['a terminal device', '', '/dev/ptmx'],
    ['a folder', 'mkdir /run/calico-test/folder', '/run/calico-test/folder'],
    ['a file below a file', ': > /run/calico-test/file', '/run/calico-test/file/cni.log'],
    ['standard output', '', '/dev/stdout'],
    ['standard output by its number', '', '/proc/self/fd/1'],
  ] as const)('neither blocks ADD nor gets into its result: the log file is %s', async ([, script, path], { bed }) => {
    await bed.host.must('sh', ['-c', script]);
    const filling = path.endsWith('/full')
      ? bed.host.run('/usr/bin/perl', ['-e', FILL], { killAfter: 8_000 })
      : undefined;
    const container = await bed.container();
    const env = environment({ command: 'ADD', ...container, netns: netnsPath(container.netns), conf: '' });
    const input = JSON.stringify({ ...DEBUG, log_file_path: path });
    // Through a pipe, since the test's own standard output may be something that cannot be opened by its path.
    const ran = await bed.host.run('/bin/sh', ['-c', '"$0" | /bin/cat', `${tools().bin}/calico`], { env, input });
    expect(resultOf(ran).ips).toHaveLength(1);
    expect(ran.millis).toBeLessThan(7_000);
    await filling;
  });
});

describe.concurrent('a password', () => {
  test('logs in to an etcd with users, costs one round trip, and appears nowhere', async ({ bed }) => {
    await bed.add(await bed.container(), { conf: DEBUG });
    const container = await bed.container();
    const said: string[] = [];
    await withUsers(bed, async () => {
      const before = sum(await bed.etcd.calls());
      const call = (command: string) =>
        bed.call(command, container, { conf: DEBUG, env: { ETCD_USERNAME: 'root', ETCD_PASSWORD: PASSWORD } });
      const add = await call('ADD');
      expect(sum(await bed.etcd.calls()) - before).toBe(3);
      const del = await call('DEL');
      for (const { exit, stdout, stderr } of [add, del]) {
        expect(exit, stdout).toBe(0);
        said.push(stdout, stderr);
      }
    });
    const folder = bed.host.file('/var/log/calico/cni');
    for (const file of readdirSync(folder)) said.push(readFileSync(`${folder}/${file}`, 'utf8'));
    expect(said.join()).not.toContain(PASSWORD);
    expect(said.join()).not.toContain('token-that-nobody-may-see');
  });

  test('that is wrong or missing causes an error that does not contain it', async ({ bed }) => {
    const container = await bed.container();
    await withUsers(bed, async () => {
      for (const env of [{ ETCD_USERNAME: 'root', ETCD_PASSWORD: 'wrong-one' }, {}]) {
        const ran = await bed.call('ADD', container, { conf: DEBUG, env });
        expect(failureOf(ran).code).toBe(999);
        expect(`${ran.stdout}${ran.stderr}`).not.toContain('wrong-one');
      }
    });
  });
});

const mode = (bed: Bed, path: string) => (statSync(bed.host.file(path)).mode & 0o777).toString(8);
const sum = (calls: Readonly<Record<string, number>>) =>
  Object.values(calls).reduce((total, count) => total + count, 0);

/** Runs `work` while etcd has one user, who has every permission. */
async function withUsers(bed: Bed, work: () => Promise<void>): Promise<void> {
  const root = { name: 'root', password: PASSWORD };
  await bed.etcd.post('auth/user/add', root);
  await bed.etcd.post('auth/role/add', { name: 'root' });
  await bed.etcd.post('auth/user/grant', { user: 'root', role: 'root' });
  await bed.etcd.post('auth/enable', {});
  try {
    await work();
  } finally {
    const { token } = await bed.etcd.post('auth/authenticate', root);
    await bed.etcd.post('auth/disable', {}, `${token}`);
  }
}
