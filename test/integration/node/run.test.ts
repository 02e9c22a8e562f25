import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { machine } from '../../support/bed/etcd-machine.ts';
import { calicoctl } from '../../support/calicoctl/calicoctl.ts';
import { type Etcd, startEtcd } from '../../support/etcd/etcd.ts';
import { startHost } from '../../support/host/host.ts';
import { startWatching, until } from '../../support/install/watching.ts';
import { nodeRun, pidOf, untilReady, untilUnready } from '../../support/node/running.ts';
import { node } from '../../support/stored/cluster.ts';

const NODES = '/calico/resources/v3/projectcalico.org/nodes';
const POOL = '/calico/resources/v3/projectcalico.org/ippools/default-ipv4-ippool';

const LOOKS_EVERY_MS = 8_000;

const bgpOf = async ({ etcd }: { readonly etcd: Etcd }, name = 'n1') =>
  JSON.parse((await etcd.dump())[`${NODES}/${name}`] ?? '{}').spec?.bgp;

describe('calicoctl node run', () => {
  test('registers the machine, is ready, and ends leaving everything as it is', async () => {
    const bed = await machine({});
    expect(await calicoctl(bed, 'node run --ready')).toMatchObject({
      exit: 1,
      stderr: 'calicoctl node run does not run here: no /var/run/calico/node-run.state\n',
    });
    const running = nodeRun(bed, '--name=n1 --as=64513 --node-image=quay.io/calico/node:v3.28');
    await running.says('Running as node n1');
    await untilReady(bed);
    expect(await bgpOf(bed)).toEqual({ ipv4Address: '10.0.0.1/24', asNumber: 64513 });
    expect(await bed.host.must('cat', ['/var/lib/calico/nodename'])).toBe('n1');
    expect(await bed.host.must('cat', ['/var/lib/calico/mtu'])).toBe('1460');
    const dump = await bed.etcd.dump();
    const modes = { ipipMode: 'Never', vxlanMode: 'Never' };
    expect(JSON.parse(dump[POOL] ?? '').spec).toMatchObject({
      ...modes,
      cidr: '192.168.0.0/16',
      natOutgoing: true,
      blockSize: 26,
    });
    expect(running.said()).toContain('note: --node-image has no effect: no container is started');
    expect(await running.stop()).toBe(0);
    expect(running.said()).toContain('Ended; routes and traffic stay as they are\n');
    expect(await bed.etcd.dump()).toEqual(dump);
    expect((await calicoctl(bed, 'node run --live')).exit).toBe(1);
  });

  test('asks etcd for nothing while nothing changes, though it looks at the machine', { timeout: 60_000 }, async () => {
    const bed = await machine({});
    nodeRun(bed, '--name=n1');
    await untilReady(bed);
    // Registration and the first look at each part are over by then.
    await sleep(2_000);
    const before = await bed.etcd.calls();
    await sleep(LOOKS_EVERY_MS + 1_000);
    expect(await bed.etcd.calls()).toEqual(before);
  });

  test('runs once on a machine: a second one names the first, and a killed one is no hindrance', async () => {
    const bed = await machine({});
    const first = nodeRun(bed, '--name=n1');
    await untilReady(bed);
    const pid = await pidOf(bed);
    const second = await calicoctl(bed, 'node run --name=n1');
    expect([second.exit, second.stderr]).toEqual([
      1,
      `Failed to execute command: calicoctl node run already runs on this machine (pid ${pid})\n  calicoctl node stop ends it\n`,
    ]);
    await bed.host.must('sh', ['-c', 'kill "$@"', 'sh', '-9', String(pid)]);
    await first.stop();
    nodeRun(bed, '--name=n1');
    await until(
      async () => (await pidOf(bed)) !== pid,
      () => 'another process runs',
    );
    await untilReady(bed);
  });

  test('is ended by node stop, whose --clean removes what it has made', async () => {
    const bed = await machine({});
    const running = nodeRun(bed, '--name=n1');
    await untilReady(bed);
    const pid = await pidOf(bed);
    expect(await calicoctl(bed, 'node stop')).toMatchObject({
      exit: 0,
      stdout: `Ended calicoctl node run (pid ${pid})\n`,
    });
    expect(await running.stop()).toBe(0);
    expect(await bed.host.must('cat', ['/var/lib/calico/mtu'])).toBe('1460');
    const cleaned = await calicoctl(bed, 'node stop --clean');
    expect(cleaned).toMatchObject({ exit: 0, stderr: '' });
    expect(cleaned.stdout).toContain('calicoctl node run does not run on this machine\n');
    expect(cleaned.stdout).toContain('Removed what mtu had made\n');
    expect((await bed.host.run('cat', ['/var/lib/calico/mtu'])).exit).toBe(1);
    expect(await bgpOf(bed)).toEqual({ ipv4Address: '10.0.0.1/24' });
  });

  test.each([
    ['used by another Node', '--name=n1', "Calico node 'n2' is already using the IPv4 address 10.0.0.1\n"],
    ['not to be found', '--name=n1 --ip-autodetection-method=interface=eth9', 'failed to autodetect an IPv4 address\n'],
    [
      'only for Kubernetes',
      '--name=n1 --ip-autodetection-method=kubernetes-internal-ip',
      "Cannot use method 'kubernetes-internal-ip' when not running on a Kubernetes cluster\n",
    ],
    [
      'not wanted',
      '--name=n1 --ip=none',
      'no IPv4 or IPv6 addresses configured or detected, required for Calico networking\n',
    ],
  ])('ends with 1 when its address is %s, and writes nothing', async (_, words, reason) => {
    const bed = await machine(node('n2', '10.0.0.1/16'));
    const before = await bed.etcd.dump();
    const { exit, stderr } = await calicoctl(bed, `node run ${words}`);
    expect([exit, stderr]).toEqual([1, expect.stringContaining(`Failed to execute command: ${reason}`)]);
    expect(await bed.etcd.dump()).toEqual(before);
    expect((await bed.host.run('ls', ['/var/lib/calico/nodename'])).exit).not.toBe(0);
  });

  test.each([
    ['calico-node -felix', 'Felix'],
    ['calico-node -confd', 'confd'],
    ['calico-felix --config-file=/etc/calico/felix.cfg', 'Felix'],
    ['bird -R -s /var/run/calico/bird.ctl -d -c /etc/calico/confd/config/bird.cfg', 'calico/node’s BIRD'],
  ])('refuses to run beside %s, and changes nothing', async (line, what) => {
    const bed = await machine({});
    const [name = '', ...args] = line.split(' ');
    await bed.host.must('cp', ['/bin/bash', `/run/${name}`]);
    const other = startWatching(bed.host, [`/run/${name}`, '-c', 'echo there; read x', ...args], {});
    onTestFinished(async () => void (await other.stop()));
    await other.says('there');
    const ran = await calicoctl(bed, 'node run --name=n1');
    expect(ran.exit).toBe(1);
    expect(ran.stderr).toContain(`Failed to execute command: ${what} runs on this machine (pid `);
    expect(await bed.etcd.dump()).toEqual({});
  });

  test('waits for its datastore, and says so once', async () => {
    const host = await startHost();
    onTestFinished(() => host.stop());
    const running = nodeRun({ host }, '--name=n1');
    await running.says('Running as node n1');
    await running.says('datastore: ');
    await untilUnready({ host }, 'not ready: ');
    expect((await calicoctl({ host }, 'node run --live')).exit).toBe(0);
    const etcd = await startEtcd(host);
    onTestFinished(() => etcd.stop());
    await untilReady({ host });
    expect(await bgpOf({ etcd })).toEqual({ ipv4Address: '10.0.0.1/24' });
    expect(running.said().split('cannot').length).toBe(2);
    expect(running.said()).toContain('datastore: followed again\n');
  });

  test('follows its address as soon as that changes', async () => {
    const bed = await machine({});
    const running = nodeRun(bed, '--name=n1 --ip=autodetect --ip-autodetection-method=interface=upl.*');
    await untilReady(bed);
    await bed.host.must('ip', ['addr', 'flush', 'dev', 'uplink']);
    await bed.host.must('ip', ['addr', 'add', '10.0.0.9/24', 'dev', 'uplink']);
    await running.says(
      'Node(n1) has the IPv4 address 10.0.0.9/24 (of uplink, whose name matches), no longer 10.0.0.1/24',
    );
    expect(await bgpOf(bed)).toEqual({ ipv4Address: '10.0.0.9/24' });
    await bed.host.must('ip', ['addr', 'flush', 'dev', 'uplink']);
    await running.says('Autodetection of IPv4 address failed, keeping existing value: 10.0.0.9/24');
    expect(await bgpOf(bed)).toEqual({ ipv4Address: '10.0.0.9/24' });
  });
});
