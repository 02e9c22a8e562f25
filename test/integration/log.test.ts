import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { type Bed, test } from '../support/bed.ts';
import { conf } from '../support/cluster.ts';
import { failureOf } from '../support/cni.ts';

const FILE = '/var/log/calico/cni/cni.log';
const PASSWORD = 'correct-horse-battery';
const DEBUG = conf({
  log_level: 'debug',
  log_file_path: FILE,
  policy: { k8s_auth_token: 'token-that-nobody-may-see' },
});

describe.concurrent('the log', () => {
  test('goes to a file of mode 0644 in a folder of mode 0755, whatever the umask', async ({ bed }) => {
    await bed.add(await bed.container(), { conf: DEBUG });
    expect(mode(bed, FILE)).toBe('644');
    expect(mode(bed, '/var/log/calico/cni')).toBe('755');
  });

  test("has Calico's lines: time, level, pid, component, message", async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container, { conf: DEBUG });
    const lines = readFileSync(bed.host.file(FILE), 'utf8').trimEnd().split('\n');
    const line =
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \[(DEBUG|INFO|WARNING|ERROR)\]\[\d+\] (cni-plugin|ipam)\/\S+: ./;
    expect(lines.filter((text) => !line.test(text))).toEqual([]);
    expect(lines.join()).toContain(container.containerID);
  });

  test('says nothing at level error when all goes well, not even on stderr', async ({ bed }) => {
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

describe.concurrent('a password', () => {
  test('opens an etcd with users, costs one round trip, and is written nowhere', async ({ bed }) => {
    await bed.add(await bed.container(), { conf: DEBUG });
    const container = await bed.container();
    const said: string[] = [];
    await withUsers(bed, async () => {
      const before = sum(await bed.etcd.calls());
      const call = (command: string) =>
        bed.call(command, container, { conf: DEBUG, env: { ETCD_USERNAME: 'root', ETCD_PASSWORD: PASSWORD } });
      const add = await call('ADD');
      expect(sum(await bed.etcd.calls()) - before).toBe(4);
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

  test('that is wrong or missing is an error that does not tell it', async ({ bed }) => {
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

/** Runs `work` while etcd knows only one user, who may do everything. */
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
