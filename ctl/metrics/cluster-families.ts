import { blockLimit } from '../../ipam/config/ipam-config.ts';
import type { IPAMConfig } from '../../shared/calico/model.ts';
import { gauge, type MetricFamily, type Sample, single } from './exposition.ts';
import type { Figures } from './figures.ts';

/** Figures of the addresses of a cluster: first those that the original has, under its names, then others. */
export function clusterFamilies(figures: Figures, config: IPAMConfig): readonly MetricFamily[] {
  return [...originals(figures), ...poolFamilies(figures), ...nodeFamilies(figures, config)];
}

type Numbers = Figures['inUse'];

/** The numbers by pool and node. */
export const byPoolAndNode = (numbers: Numbers): readonly Sample[] =>
  [...numbers].flatMap(([ippool, nodes]) => [...nodes].map(([node, value]) => ({ labels: { ippool, node }, value })));

/** The sum over all pools. Nodes without any are left out, as the original does. */
function byNode(numbers: Numbers): readonly Sample[] {
  const sums = new Map<string, number>();
  for (const nodes of numbers.values())
    for (const [node, value] of nodes) if (value > 0) sums.set(node, (sums.get(node) ?? 0) + value);
  return [...sums].map(([node, value]) => ({ labels: { node }, value }));
}

const IN_USE = 'IPs currently allocated in IPAM to a workload or tunnel endpoint';

function originals({ pools, inUse, borrowed, blocks }: Figures): readonly MetricFamily[] {
  const borrowedHelp = `${IN_USE}, where the allocation was borrowed from a block affine to another node.`;
  const sizes = pools.map(({ name, use }) => ({ labels: { ippool: name }, value: use.total }));
  return [
    gauge('ipam_allocations_in_use', `${IN_USE}.`, byPoolAndNode(inUse)),
    gauge('ipam_allocations_borrowed', borrowedHelp, byPoolAndNode(borrowed)),
    gauge('ipam_blocks', 'IPAM blocks currently allocated for the IP pool.', byPoolAndNode(blocks)),
    gauge('ipam_ippool_size', 'Total number of addresses in the IP Pool', sizes),
    gauge('ipam_allocations_per_node', 'Number of IPs allocated', byNode(inUse)),
    gauge(
      'ipam_allocations_borrowed_per_node',
      'Number of allocated IPs that are from non-affine blocks.',
      byNode(borrowed),
    ),
    gauge('ipam_blocks_per_node', 'Number of blocks in IPAM', byNode(blocks)),
  ];
}

type PoolFigures = Figures['pools'][number];

const POOL: Readonly<Record<string, readonly [help: string, value: (pool: PoolFigures) => number]>> = {
  ipam_ippool_enabled: ['Whether new addresses are taken from the pool.', ({ enabled }) => Number(enabled)],
  ipam_ippool_free_addresses: [
    'Addresses of the pool that nobody has and that are not reserved.',
    ({ use }) => use.free,
  ],
  ipam_ippool_reserved_addresses: ['Addresses of the pool set aside by IPReservations.', ({ use }) => use.reserved],
  ipam_ippool_cooling_addresses: ['Addresses in use that are released and in cooldown.', ({ use }) => use.cooling],
  ipam_ippool_free_blocks: ['Blocks of the pool that a node can still claim.', ({ claimable }) => claimable.blocks],
  ipam_ippool_claimable_addresses: [
    'Addresses in blocks that a node can still claim: all that a node without room gets under strict affinity.',
    ({ claimable }) => claimable.addresses,
  ],
};

const poolFamilies = ({ pools }: Figures): readonly MetricFamily[] =>
  Object.entries(POOL).map(([name, [help, value]]) =>
    gauge(
      name,
      help,
      pools.map((pool) => ({ labels: { ippool: pool.name }, value: value(pool) })),
    ),
  );

function nodeFamilies({ owned }: Figures, config: IPAMConfig): readonly MetricFamily[] {
  const limit = blockLimit(0, config);
  const nodes = [...owned.values()];
  const labels = ({ node, family }: (typeof nodes)[number]) => ({ node, ip_version: String(family) });
  const atLimit = (family: number) => nodes.filter((each) => each.family === family && each.blocks >= limit).length;
  return [
    gauge(
      'ipam_node_blocks',
      'Blocks that a node owns.',
      nodes.map((each) => ({ labels: labels(each), value: each.blocks })),
    ),
    gauge(
      'ipam_node_free_addresses',
      'Free addresses in the blocks that a node owns.',
      nodes.map((each) => ({ labels: labels(each), value: each.free })),
    ),
    single('ipam_node_block_limit', 'Blocks of each IP version that a node may own.', limit),
    gauge(
      'ipam_nodes_at_block_limit',
      'Nodes that own as many blocks as they may.',
      [4, 6].map((family) => ({ labels: { ip_version: String(family) }, value: atLimit(family) })),
    ),
    single(
      'ipam_strict_affinity',
      'Whether a node takes addresses from its own blocks only.',
      Number(config.strict_affinity),
    ),
  ];
}
