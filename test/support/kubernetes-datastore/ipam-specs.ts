type Json = Readonly<Record<string, unknown>>;

/** What the original writes into its objects. */
export const BLOCK: Json = {
  cidr: '192.168.89.112/30',
  affinity: 'host:node1',
  affinityClaimTime: '2026-11-28T01:21:01Z',
  allocations: [0, null, null, null],
  unallocated: [1, 2, 3],
  attributes: [{ handle_id: 'k8s-pod-network.c0ffee', secondary: { node: 'node1' } }],
  sequenceNumber: 12,
  sequenceNumberForAllocation: { 0: 11 },
  deleted: false,
  strictAffinity: false,
};
export const AFFINITY: Json = {
  state: 'pending',
  node: 'node1',
  type: 'host',
  cidr: '192.168.89.112/30',
  deleted: 'false',
};
export const HANDLE: Json = { handleID: 'k8s-pod-network.c0ffee', block: { '192.168.89.112/30': 1 }, deleted: false };
const CONFIG: Json = { strictAffinity: false, autoAllocateBlocks: true };

export const without = (spec: Json, field: string): Json => ({ ...spec, [field]: undefined });

/** Specs that every set of definitions must take, each with its plural: the original stores them. */
export const ACCEPTED: readonly (readonly [plural: string, spec: Json])[] = [
  ['ipamblocks', BLOCK],
  ['ipamblocks', without(BLOCK, 'affinity')],
  ['ipamblocks', { ...BLOCK, affinity: null }],
  ['ipamblocks', { ...BLOCK, sequenceNumberForAllocation: null }],
  ['ipamblocks', { ...BLOCK, allocations: [], cidr: 'nonsense' }],
  ['ipamblocks', { ...BLOCK, affinityClaimTime: '2026-11-28T01:21:01.25Z' }],
  ['blockaffinities', AFFINITY],
  ['blockaffinities', { ...AFFINITY, state: '', deleted: '' }],
  ['blockaffinities', without(AFFINITY, 'type')],
  ['ipamhandles', HANDLE],
  ['ipamhandles', { ...HANDLE, block: {}, deleted: true }],
  ['ipamconfigs', CONFIG],
  ['ipamconfigs', { ...CONFIG, maxBlocksPerHost: 2147483647, ipCooldownSeconds: 1200 }],
  ['ippools', { cidr: '192.168.0.0/16' }],
  ['ipreservations', { reservedCIDRs: ['192.168.0.0/30'] }],
];

/** Specs that every set must refuse, with the server's reason: our plugins must never write them. */
export const REFUSED: readonly (readonly [plural: string, spec: Json, reason: string | RegExp])[] = [
  ['ipamblocks', without(BLOCK, 'attributes'), 'spec.attributes: Required value'],
  ['ipamblocks', { ...BLOCK, attributes: null }, 'spec.attributes: Required value'],
  ['ipamblocks', without(BLOCK, 'strictAffinity'), 'spec.strictAffinity: Required value'],
  ['ipamblocks', without(BLOCK, 'allocations'), 'spec.allocations: Required value'],
  ['ipamblocks', without(BLOCK, 'unallocated'), 'spec.unallocated: Required value'],
  ['ipamblocks', { ...BLOCK, sequenceNumber: 1.5 }, /must be of type int(?:64|eger)/],
  ['ipamblocks', { ...BLOCK, sequenceNumberForAllocation: { 0: 1.5 } }, /must be of type int(?:64|eger)/],
  ['ipamblocks', { ...BLOCK, affinityClaimTime: 'yesterday' }, 'spec.affinityClaimTime'],
  ['ipamhandles', without(HANDLE, 'block'), 'spec.block: Required value'],
  ['blockaffinities', { ...AFFINITY, deleted: false }, 'must be of type string'],
  ['blockaffinities', without(AFFINITY, 'deleted'), 'spec.deleted: Required value'],
  ['blockaffinities', without(AFFINITY, 'state'), 'spec.state: Required value'],
  ['ipamhandles', { ...HANDLE, block: null }, 'spec.block: Required value'],
  ['ipamhandles', without(HANDLE, 'handleID'), 'spec.handleID: Required value'],
  ['ipamconfigs', without(CONFIG, 'strictAffinity'), 'spec.strictAffinity: Required value'],
  ['ipamconfigs', without(CONFIG, 'autoAllocateBlocks'), 'spec.autoAllocateBlocks: Required value'],
  ['ipamconfigs', { ...CONFIG, maxBlocksPerHost: 2147483648 }, 'spec.maxBlocksPerHost'],
  ['ipamconfigs', { ...CONFIG, ipCooldownSeconds: 1201 }, 'spec.ipCooldownSeconds'],
];
