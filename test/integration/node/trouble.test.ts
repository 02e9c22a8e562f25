import { expect, onTestFinished, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { machine } from '../../support/bed/etcd-machine.ts';
import { calicoctl } from '../../support/calicoctl/calicoctl.ts';
import { startWatching } from '../../support/install/watching.ts';
import { nodeRun, pidOf, untilReady, untilUnready } from '../../support/node/running.ts';

const READ_ONLY = (folder: string) => ['-o', 'remount,ro', folder];

test('a folder for its lock that cannot be written to is named, and nothing is changed', async () => {
  const bed = await machine({});
  await bed.host.must('mount', READ_ONLY('/var/run/calico'));
  const { exit, stderr } = await calicoctl(bed, 'node run --name=n1');
  expect([exit, stderr]).toEqual([1, expect.stringContaining('cannot write /var/run/calico/node-run.pid: EROFS')]);
  expect(await bed.etcd.dump()).toEqual({});
});

test('one part that cannot do its work is told once, and hinders no other', async () => {
  const bed = await machine({});
  await bed.host.must('sh', ['-c', 'printf n1 > /var/lib/calico/nodename']);
  await bed.host.must('mount', READ_ONLY('/var/lib/calico'));
  await bed.host.must('sh', ['-c', 'echo 0 > /proc/sys/net/ipv4/ip_forward']);
  const running = nodeRun(bed);
  await running.says('mtu: cannot write /var/lib/calico/mtu: EROFS');
  await running.says('forwarding: ');
  await untilUnready(bed, 'cannot write /var/lib/calico/mtu');
  expect(await bed.host.must('cat', ['/proc/sys/net/ipv4/ip_forward'])).toBe('1\n');
  await bed.host.must('mount', ['-o', 'remount,rw', '/var/lib/calico']);
  await running.says('mtu: works again');
  await untilReady(bed);
  expect(running.said().split('EROFS').length).toBe(2);
});

test('a nodename file that cannot be written ends it, and says so', async () => {
  const bed = await machine({});
  await bed.host.must('mount', READ_ONLY('/var/lib/calico'));
  const { exit, stderr } = await calicoctl(bed, 'node run --name=n1');
  expect([exit, stderr]).toEqual([1, expect.stringContaining('cannot write /var/lib/calico/nodename: EROFS')]);
});

test('without root’s rights it says what the original says', async () => {
  const bed = await machine({});
  const env = { ETCD_ENDPOINTS: 'http://127.0.0.1:2379', PATH: '/usr/bin' };
  const words = ['--reuid=65534', '--regid=65534', '--clear-groups', `${tools().bin}/calicoctl`, 'node', 'run'];
  const { exit, stderr } = await bed.host.run('setpriv', words, { env });
  expect([exit, stderr]).toEqual([
    1,
    'Failed to execute command: Need super user privileges: Operation not permitted\n  run it as root\n',
  ]);
});

test('goes on when nobody reads what it says any more', async () => {
  const bed = await machine({});
  const line = `${tools().bin}/calicoctl node run --name=n1 --backend=vxlan 2>&1 | head -n 1; echo gone; sleep 600`;
  const env = { ETCD_ENDPOINTS: 'http://127.0.0.1:2379', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  const shell = startWatching(bed.host, ['sh', '-c', line], env);
  onTestFinished(async () => void (await shell.stop()));
  await untilReady(bed);
  const pid = await pidOf(bed);
  await bed.host.must('ip', ['addr', 'add', '10.0.0.9/24', 'dev', 'uplink']);
  await bed.host.must('sh', ['-c', 'kill "$@"', 'sh', '-HUP', String(pid)]);
  await untilReady(bed);
  expect(await calicoctl(bed, 'node stop')).toMatchObject({
    exit: 0,
    stdout: `Ended calicoctl node run (pid ${pid})\n`,
  });
});
