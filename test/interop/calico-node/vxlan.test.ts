import { describe, expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { openForTests } from '../../support/bed/for-tests.ts';
import { until } from '../../support/kubernetes-datastore/custom-resources.ts';
import { originalSaid, startCalicoNode } from '../../support/machines/calico-node.ts';
import type { Machine } from '../../support/machines/machine.ts';
import { openMachines } from '../../support/machines/machines.ts';
import type { StoreName } from '../../support/machines/machine-store.ts';
import { stores } from '../../support/machines/matrix.ts';
import { startNode } from '../../support/machines/node-run.ts';
import { lostBetween, lostDuring, untilAllReach } from '../../support/machines/routed.ts';
import { links, routes } from '../../support/network/netns.ts';

const isRun = () => tools().original !== undefined;
/** VXLAN takes 50 bytes of a packet for IPv4, 70 for IPv6. */
const MTU = 1500 - 70;
const BOTH_FAMILIES = { ipam: { type: 'calico-ipam', assign_ipv4: 'true', assign_ipv6: 'true' } };

const pool = (name: string, spec: object) => ({
  apiVersion: 'projectcalico.org/v3',
  kind: 'IPPool',
  metadata: { name },
  spec: { natOutgoing: true, ...spec },
});

const pools = (vxlanMode: string) =>
  JSON.stringify([
    pool('four', { cidr: '192.168.0.0/16', blockSize: 28, vxlanMode }),
    pool('six', { cidr: 'fd80:24e2:f998:72d6::/64', vxlanMode }),
  ]);

const OURS = { options: ['--backend', 'vxlan'] };

async function open(store: StoreName) {
  const machines = await openMachines({ store, init: '', in: { node1: 1, node2: 1, node3: 2 } });
  try {
    const node1 = machines.machine('node1');
    await node1.said('apply -f -', pools('Always'));
    const felix = await startCalicoNode(node1);
    const [run2, run3] = await Promise.all(['node2', 'node3'].map((name) => startNode(machines.machine(name), OURS)));
    if (run2 === undefined || run3 === undefined) throw new Error('no runs');
    await run2.ready();
    await run3.ready();
    const pods = await Promise.all(machines.all.map((machine) => machine.pod(BOTH_FAMILIES)));
    return { machines, felix, run2, run3, pods, close: machines.close };
  } catch (error) {
    await machines.close();
    throw error;
  }
}

describe.skipIf(!isRun()).each(stores())('Felix on one machine, calicoctl node run on two, with %s', (store) => {
  const bed = openForTests(() => open(store), 180_000);
  const machine = (name: string) => bed.machines.machine(name);
  const show = async (...lines: string[]) => {
    for (const { host, name } of bed.machines.all)
      for (const line of lines) console.log(name, line, '\n', (await host.run('sh', ['-c', line])).stdout);
  };

  test('pods reach each other with full-size packets, in both families', async () => {
    await untilAllReach(bed.pods);
    expect(await lostBetween(bed.pods, { size: MTU })).toEqual({});
    await show('ip -6 route', 'ip -6 neigh show dev vxlan-v6.calico', 'ip -d link show vxlan-v6.calico', 'cat /var/lib/calico/mtu', 'ip link show type veth');
  });

  test('pods reach a host outside', async () => {
    for (const pod of bed.pods) expect(await pod.count(bed.machines.outside.address)).toMatchObject({ lost: 0 });
  });

  test('CrossSubnet', async () => {
    await machine('node1').said('apply -f -', pools('CrossSubnet'));
    await until(async () => {
      const found = await routes(machine('node1').host);
      return found.some(({ gateway, dst }) => gateway === machine('node2').address && dst.includes('/28'));
    }, 'Felix to route straight');
    await untilAllReach(bed.pods);
    expect(await lostBetween(bed.pods, { size: MTU })).toEqual({});
    await show('ip -4 route', 'ip -6 route');
    await machine('node1').said('apply -f -', pools('Always'));
    await untilAllReach(bed.pods);
  });

  test('Felix is killed and started again', async () => {
    const lost = await lostDuring(bed.pods, async () => {
      await bed.felix.kill();
      await bed.felix.start();
    });
    expect(lost).toEqual({});
  });

  test('ours is killed and started again', async () => {
    const lost = await lostDuring(bed.pods, async () => {
      await bed.run3.kill();
      const next = await startNode(machine('node3'), OURS);
      await next.ready();
    });
    expect(lost).toEqual({});
  });

  test('ours is refused beside Felix', async () => {
    const { host } = machine('node1');
    const look = () => host.must('sh', ['-c', 'ip route; ip -6 route; ip rule; ip -o link; bridge fdb; sysctl -a 2>/dev/null | grep forwarding; ls -lR --time-style=full-iso /etc/calico /var/lib/calico']);
    const before = await look();
    const run = await startNode(machine('node1'), OURS);
    expect(await run.ended).toBe(1);
    console.log(run.output());
    expect(await look()).toBe(before);
  });

  test('nodes come and go', async () => {
    const lost = await lostDuring(bed.pods, async () => {
      const added = await bed.machines.add('node4', 2);
      await (await startNode(added, OURS)).ready();
      const pod = await added.pod(BOTH_FAMILIES);
      await untilAllReach([...bed.pods, pod]);
      const added5 = await bed.machines.add('node5', 2);
      await startCalicoNode(added5);
      const pod5 = await added5.pod(BOTH_FAMILIES);
      await untilAllReach([...bed.pods, pod, pod5]);
      for (const name of ['node4', 'node5']) {
        await bed.machines.remove(name);
        await bed.machines.store.removeNode(name);
        await machine('node1').said(`delete node ${name} --yes`);
      }
      await show('ip -4 route', 'bridge fdb show dev vxlan.calico');
    });
    expect(lost).toEqual({});
  });

  test('a borrowed address', async () => {
    await show('ip -4 route');
    const [one, two] = [bed.pods[0]?.address ?? '', bed.pods[1]?.address ?? ''];
    const next = (address: string) => address.replace(/\d+$/, (last) => `${Number(last) + 3}`);
    const onOurs = await machine('node2').pod({}, `IP=${next(one)}`);
    const onFelix = await machine('node1').pod({}, `IP=${next(two)}`);
    expect(onOurs.address).toBe(next(one));
    expect(onFelix.address).toBe(next(two));
    await untilAllReach([...bed.pods, onOurs, onFelix]);
    await show('ip -4 route');
    await onOurs.remove();
    await onFelix.remove();
  });

  test('both calicoctls find nothing wrong', async () => {
    expect(await machine('node1').said('ipam check')).toContain('0 problems');
    console.log(await originalSaid(machine('node1'), 'calicoctl', 'ipam check --allow-version-mismatch'));
    console.log(await originalSaid(machine('node1'), 'calicoctl', 'get nodes -o wide --allow-version-mismatch'));
  });

  test('handed over from Felix to ours and back', async () => {
    const one = machine('node1');
    const lost = await lostDuring(bed.pods, async () => {
      await bed.felix.kill();
      const run = await startNode(one, OURS);
      await run.ready();
      console.log(run.output());
      await show('ip -4 route', 'ip -6 route');
      await run.kill();
      await bed.felix.start();
      await new Promise((resolve) => setTimeout(resolve, 2000));
      await show('ip -4 route', 'ip -6 route');
    });
    expect(lost).toEqual({});
  });

  test('new pods and nodes after Felix has gone', async () => {
    await bed.felix.kill();
    const run = await startNode(machine('node1'), OURS);
    await run.ready();
    const pod = await machine('node1').pod(BOTH_FAMILIES);
    const added = await bed.machines.add('node6', 1);
    await (await startNode(added, OURS)).ready();
    const pod6 = await added.pod(BOTH_FAMILIES);
    const result = await untilAllReach([...bed.pods, pod, pod6], 10_000).catch((error) => error);
    console.log(run.output());
    console.log(await machine('node1').host.must('sh', ['-c', `PATH=${tools().original?.path}:$PATH iptables-save | head -150`]));
    expect(result).toBe(undefined);
  });
});
