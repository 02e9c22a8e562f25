import { countFigures } from '../../../ctl/metrics/figures.ts';
import type { ClusterRead } from '../../../ctl/metrics/read-cluster.ts';
import type { Pool } from '../../../ipam/config/pools.ts';
import { network } from '../../../shared/net/cidr.ts';
import { cidr } from '../../support/inputs/cidr.ts';

/** A pool for every node and workload. */
export const poolOf = (name: string, text: string, blockSize: number): Pool => ({
  name,
  cidr: cidr(text),
  blockSize,
  nodeSelector: '',
  namespaceSelector: '',
  allowedUses: [],
  automatic: true,
  enabled: true,
});

const POOL = poolOf('a', '10.0.0.0/26', 29);

/** One pool, and one block of one node with an address of another. */
function figures() {
  const nodes = ['n1', 'n2'];
  const count = countFigures({ pools: [POOL], reservations: { 4: [], 6: [] }, cooldown: 0, nodes }, 0n);
  count.add(network(4, POOL.cidr.base, 29), {
    cidr: '10.0.0.0/29',
    affinity: 'host:n1',
    allocations: [0, null, null, null, null, null, null, null],
    unallocated: [1, 2, 3, 4, 5, 6, 7],
    attributes: [{ handle_id: 'h', secondary: { node: 'n2' } }],
    sequenceNumber: 1n,
    sequenceNumberForAllocation: {},
    deleted: false,
  });
  return count.figures();
}

/** A cluster as it is read. */
export const CLUSTER: ClusterRead = {
  figures: figures(),
  config: { strict_affinity: false, auto_allocate_blocks: true, maxBlocksPerHost: 0, ipCooldownSeconds: 0 },
  pools: [POOL],
  nodes: ['n1', 'n2'],
  latency: 0.01,
  seconds: 0.02,
};
