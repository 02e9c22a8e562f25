import { describe, expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { openForTests } from '../../support/bed/for-tests.ts';
import { startCalicoNode } from '../../support/machines/calico-node.ts';
import { openMachines } from '../../support/machines/machines.ts';
import { startNode } from '../../support/machines/node-run.ts';
import { lostBetween, untilAllReach } from '../../support/machines/routed.ts';
import { routes } from '../../support/network/netns.ts';

const isRun = () => tools().original !== undefined;

async function open() {
  const machines = await openMachines({ in: { node1: 1, node2: 1, node3: 2 } });
  try {
    await machines.machine('node1').said('patch ippool default-ipv4-ippool -p {"spec":{"vxlanMode":"Always"}}');
    const felix = await startCalicoNode(machines.machine('node1'));
    const runs = [];
    for (const name of ['node2', 'node3']) runs.push(await startNode(machines.machine(name), { options: ['--backend', 'vxlan'] }));
    for (const run of runs) await run.ready();
    const pods = [];
    for (const machine of machines.all) pods.push(await machine.pod());
    return { machines, felix, runs, pods, close: machines.close };
  } catch (error) {
    await machines.close();
    throw error;
  }
}

describe.skipIf(!isRun())('Felix on one machine, calicoctl node run on two', () => {
  const bed = openForTests(open, 180_000);
  test('pods reach each other', async () => {
    try {
      await untilAllReach(bed.pods);
      expect(await lostBetween(bed.pods, { size: 1450 })).toEqual({});
    } finally {
      for (const { host, name } of bed.machines.all) {
        for (const line of ['ip -d link show vxlan.calico', 'ip -4 addr show vxlan.calico', 'ip -4 route', 'ip neigh show dev vxlan.calico', 'bridge fdb show dev vxlan.calico', 'sh -c "sysctl -a 2>/dev/null | grep forwarding"'])
          console.log(name, line, '\n', (await host.run('sh', ['-c', line])).stdout);
      }
      console.log(bed.felix.output().slice(-3000));
    }
  });
});
