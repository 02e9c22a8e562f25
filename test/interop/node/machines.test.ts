import { existsSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { until } from '../../support/kubernetes-datastore/custom-resources.ts';
import { machinesForTests } from '../../support/machines/for-tests.ts';
import { stores } from '../../support/machines/matrix.ts';
import { pingCount } from '../../support/machines/ping.ts';
import { links, routes } from '../../support/network/netns.ts';

const NONE_LOST = { lost: 0, longestGap: 0, refused: {} };

describe.each(stores())('machines of the tests that share %s', (store) => {
  const machines = machinesForTests({ store });

  test('reach each other in one subnet and through the router, with full-size packets', async () => {
    const node1 = machines.machine('node1');
    for (const name of ['node2', 'node3']) {
      const { address, address6 } = machines.machine(name);
      for (const to of [address, address6]) {
        // The first packet waits for the neighbour's MAC.
        await until(async () => (await pingCount(node1.enter(), to, { count: 1 })).lost === 0, `${to} to answer`);
        expect(await pingCount(node1.enter(), to, { size: 1500 })).toEqual({ sent: 5, ...NONE_LOST });
      }
    }
  });

  test('a packet that is larger than the cable takes is refused, not cut', async () => {
    const count = await pingCount(machines.machine('node1').enter(), machines.machine('node2').address, { size: 1501 });
    expect(count).toEqual({ sent: 5, lost: 5, longestGap: 5, refused: { 'Message too long': 5 } });
  });

  test('the outside host reaches machines, and no pod', async () => {
    const pod = await machines.machine('node3').pod();
    const { host } = machines.outside;
    expect(await pingCount(host.enter(), machines.machine('node3').address)).toEqual({ sent: 5, ...NONE_LOST });
    expect((await pingCount(host.enter(), pod.address)).lost).toBe(5);
    await pod.remove();
  });

  test('each has a name, files and processes of its own', async () => {
    const [first, second] = machines.all.map(({ host }) => host);
    if (first === undefined || second === undefined) throw new Error('there are no two machines');
    expect(await first.must('uname', ['-n'])).toBe('node1\n');
    expect(await second.must('uname', ['-n'])).toBe('node2\n');
    writeFileSync(first.file('/etc/calico/only-here'), '');
    expect(existsSync(second.file('/etc/calico/only-here'))).toBe(false);
    expect(existsSync('/etc/calico/only-here')).toBe(false);
    expect((await first.must('sh', ['-c', 'ls -d /proc/[0-9]*'])).split('\n').length).toBeLessThan(10);
    expect(hostname()).not.toMatch(/^node\d$/);
  });

  test('each connects pods by our plugin, in blocks of its own, and takes them away', async () => {
    const pods = await Promise.all(machines.all.map((machine) => machine.pod()));
    expect(new Set(pods.map(({ address }) => address.replace(/\d+$/, (last) => `${Number(last) >> 4}`))).size).toBe(3);
    for (const pod of pods) {
      expect(await pingCount(pod.machine.enter(), pod.address)).toEqual({ sent: 5, ...NONE_LOST });
      expect((await routes(pod.machine.host)).map(({ dst }) => dst)).toContain(pod.address);
    }
    await Promise.all(pods.map((pod) => pod.remove()));
    for (const { host } of machines.all)
      expect((await links(host)).map(({ ifname }) => ifname).sort()).toEqual(['eth0', 'lo']);
  });

  test('a datastore that is away refuses, and comes back with what it held', async () => {
    const node2 = machines.machine('node2');
    await machines.store.leave('refused');
    expect((await node2.calicoctl('get nodes')).exit).toBe(1);
    await machines.store.comeBack();
    expect(await node2.said('get nodes')).toMatch(/node1[\s\S]*node2[\s\S]*node3/);
  });

  test('echoes in the background are counted, and those that were lost', async () => {
    const node1 = machines.machine('node1');
    const pod = await node1.pod();
    const ping = pod.ping(node1.address, { every: 10 });
    await ping.answered;
    await node1.host.must('ip', ['addr', 'del', `${node1.address}/24`, 'dev', 'eth0']);
    await node1.host.must('sleep', ['0.5']);
    await node1.host.must('sh', [
      '-ec',
      `ip addr add ${node1.address}/24 dev eth0; ip route replace default via 172.16.1.254`,
    ]);
    const { sent, lost, longestGap } = await ping.stop();
    expect(lost).toBeGreaterThan(10);
    expect(sent).toBeGreaterThan(lost);
    expect(longestGap).toBeLessThanOrEqual(lost);
    await pod.remove();
  });
});
