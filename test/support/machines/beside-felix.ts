import { type CalicoNode, startCalicoNode } from './calico-node.ts';
import type { Machine, Pod } from './machine.ts';
import type { StoreName } from './machine-store.ts';
import { type Machines, openMachines } from './machines.ts';
import { type NodeRun, startNode } from './node-run.ts';

/** Three machines with a pod each: the original's calico/node on node1, ours on node2 in the same subnet and on node3 in another. */
export interface BesideFelix {
  readonly machines: Machines;
  readonly felix: CalicoNode;
  readonly runs: readonly [NodeRun, NodeRun];
  /** One pod on each machine, with addresses of both families. */
  readonly pods: readonly Pod[];
  close(): Promise<void>;
}

/** How `calicoctl node run` is started without BIRD. */
export const OURS = { options: ['--backend', 'vxlan'] };
const BOTH_FAMILIES = { ipam: { type: 'calico-ipam', assign_ipv4: 'true', assign_ipv6: 'true' } };

const pool = (name: string, spec: object) => ({
  apiVersion: 'projectcalico.org/v3',
  kind: 'IPPool',
  metadata: { name },
  spec: { natOutgoing: true, ...spec },
});

/** Stores the pools of both families, with a VXLAN mode. */
export async function storeModes(machine: Machine, vxlanMode: 'Always' | 'CrossSubnet'): Promise<void> {
  const four = pool('four', { cidr: '192.168.0.0/16', blockSize: 28, vxlanMode });
  const six = pool('six', { cidr: 'fd80:24e2:f998:72d6::/64', vxlanMode });
  await machine.said('apply -f -', JSON.stringify([four, six]));
}

export async function openBesideFelix(store: StoreName): Promise<BesideFelix> {
  const machines = await openMachines({ store, init: '', in: { node1: 1, node2: 1, node3: 2 } });
  try {
    const [node1, node2, node3] = (['node1', 'node2', 'node3'] as const).map(machines.machine);
    if (node1 === undefined || node2 === undefined || node3 === undefined) throw new Error('no machines');
    await storeModes(node1, 'Always');
    const felix = await startCalicoNode(node1);
    const runs = [await startNode(node2, OURS), await startNode(node3, OURS)] as const;
    for (const run of runs) await run.ready();
    const pods = await Promise.all(machines.all.map((machine) => machine.pod(BOTH_FAMILIES)));
    return { machines, felix, runs, pods, close: machines.close };
  } catch (error) {
    await machines.close();
    throw error;
  }
}
