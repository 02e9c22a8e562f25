import { encodeBlock } from '../../ipam/block-json.ts';
import type { AllocationAttribute, Block } from '../../shared/calico/model.ts';
import { clusterInformation, node, pool } from './cluster.ts';
import type { Dump } from './etcd.ts';
import { block, CONFIG, claimOn, handle, reservation } from './ipam-world.ts';
import { endpoint } from './seed.ts';

export const A = '10.10.0.0/29';
export const B = '10.10.0.8/29';
const LB = '10.20.0.0/29';
const SIZE = 8;

/** Who holds an address: a handle, and what else the attribute says. */
export type Holders = Readonly<Record<number, AllocationAttribute>>;

/** A /29 as IPAM stores it. */
export function blockOf(cidr: string, affinity: string | null, holders: Holders, changes: Partial<Block> = {}): Dump {
  const ordinals = Array.from({ length: SIZE }, (_, ordinal) => ordinal);
  const taken = Object.keys(holders).map(Number);
  const value = encodeBlock({
    cidr,
    affinity,
    ...(affinity === null ? {} : { affinity_claim_time: '2026-11-21T00:00:00Z' }),
    allocations: ordinals.map((ordinal) => (taken.includes(ordinal) ? taken.indexOf(ordinal) : null)),
    unallocated: ordinals.filter((ordinal) => !taken.includes(ordinal)),
    attributes: Object.values(holders),
    sequenceNumber: 1795249881000000100n,
    sequenceNumberForAllocation: Object.fromEntries(taken.map((ordinal) => [ordinal, 1795249881000000000n])),
    deleted: false,
    ...changes,
  });
  return { [block(cidr)]: value };
}

export const claim = (owner: string, cidr: string, state = 'confirmed'): Dump => ({
  [claimOn(owner, cidr)]: JSON.stringify({ state, deleted: false }),
});
export const counts = (handleID: string, held: Readonly<Record<string, number>>): Dump => ({
  [handle(handleID)]: JSON.stringify({ block: held, deleted: false }),
});
export const container = (id: string, on = 'node1'): AllocationAttribute => ({
  handle_id: `net1.${id}`,
  secondary: { node: on },
});

const profile: Dump = {
  '/calico/resources/v3/projectcalico.org/profiles/net1':
    '{"kind":"Profile","apiVersion":"projectcalico.org/v3","metadata":{"name":"net1"},"spec":{}}',
};

/** A container with an address, its handle and its endpoint, in an owned block; all is well. */
export const HEALTHY: Dump = {
  ...clusterInformation(),
  ...node('node1', '10.0.0.1/24'),
  ...node('node2', '10.0.0.2/24'),
  ...pool('pool', '10.10.0.0/24', { blockSize: 29 }),
  ...profile,
  ...blockOf(A, 'host:node1', { 0: container('c1') }),
  ...claim('node1', A),
  ...counts('net1.c1', { [A]: 1 }),
  ...endpoint('node1', 'c1', 'net1', '10.10.0.0'),
};

const lone = (handleID: string, secondary: Readonly<Record<string, string>> = {}): AllocationAttribute => ({
  handle_id: handleID,
  secondary: { node: 'node1', ...secondary },
});

/** Everything that may look like damage and is none. */
export const UNUSUAL: Dump = {
  ...HEALTHY,
  [CONFIG]: '{"strict_affinity":false,"auto_allocate_blocks":true,"ipCooldownSeconds":1200}',
  ...reservation('kept', '10.10.0.5/32'),
  ...pool('balanced', '10.20.0.0/24', { blockSize: 29, allowedUses: ['LoadBalancer'] }),
  ...blockOf(
    A,
    'host:node1',
    {
      0: container('c1'),
      1: lone('ipip-tunnel-addr-node1', { type: 'ipipTunnelAddress' }),
      2: lone('net1.vmi.default.vm1', { 'vmi-name': 'vm1', namespace: 'default' }),
      3: { releasedAt: '2026-11-21T00:00:00Z' },
      4: { handle_id: 'windows-reserved-ipam-handle', secondary: { note: 'windows host rsvd' } },
      6: { secondary: { note: 'taken by hand' } },
    },
    { sequenceNumberForAllocation: { 0: 1n, 1: 2n, 2: 3n, 3: 4n, 6: 5n } },
  ),
  ...counts('ipip-tunnel-addr-node1', { [A]: 1 }),
  ...counts('net1.vmi.default.vm1', { [A]: 1 }),
  ...blockOf(B, 'host:node2', {}),
  ...claim('node2', B),
  ...blockOf(LB, 'virtual:load-balancer', { 0: { handle_id: 'lb-abc', secondary: { service: 'web' } } }),
  '/calico/ipam/v2/virtual/load-balancer/ipv4/block/10.20.0.0-29': '{"state":"confirmed","deleted":false}',
  ...counts('lb-abc', { [LB]: 1 }),
};

/** Damage on top of HEALTHY: keys put (undefined: deleted), and what a check says of it, by kind and text. */
export interface IpamDamage {
  readonly name: string;
  readonly put: Readonly<Record<string, string | undefined>>;
  readonly says: readonly string[];
}

const ENDPOINT = '/calico/resources/v3/projectcalico.org/workloadendpoints/default/node1-cni-c1-eth0';
const two = { 0: container('c1'), 1: container('c2') };

/** Each thing that a killed process of the original, its bugs, or an operator may leave; repair mends all of it. */
export const MENDABLE: readonly IpamDamage[] = [
  {
    name: 'an ADD killed after its claim',
    put: claim('node1', B, 'pending'),
    says: ['blockless 10.10.0.8/29: claimed by host:node1 (pending), but there is no such block'],
  },
  {
    name: 'an ADD killed after its block',
    put: { ...claim('node1', B, 'pending'), ...blockOf(B, 'host:node1', {}) },
    says: ['pending 10.10.0.8/29: the claim of host:node1 is pending'],
  },
  {
    name: 'an ADD killed after its handle',
    put: counts('net1.c2', { [A]: 1 }),
    says: ['handle-leaked net1.c2: counts 1 in 10.10.0.0/29, which holds none'],
  },
  {
    name: 'an ADD whose address nobody took',
    put: { ...blockOf(A, 'host:node1', two), ...counts('net1.c2', { [A]: 1 }) },
    says: ['leaked 10.10.0.1: handle net1.c2, on node1'],
  },
  {
    name: 'the only endpoint of a network deleted',
    put: { [ENDPOINT]: undefined },
    says: ['leaked 10.10.0.0: handle net1.c1, on node1'],
  },
  {
    name: 'a leaked address of a handle that counts too many elsewhere',
    put: { ...blockOf(A, 'host:node1', two), ...counts('net1.c2', { [A]: 1, [B]: 1 }) },
    says: [
      'handle-miscounted net1.c2: counts 1 in 10.10.0.8/29, which holds none',
      'leaked 10.10.0.1: handle net1.c2, on node1',
    ],
  },
  {
    name: 'a DEL killed after its block',
    put: counts('net1.c1', { [A]: 2 }),
    says: ['handle-miscounted net1.c1: counts 2 in 10.10.0.0/29, which holds 1'],
  },
  {
    name: 'a handle for a block that is gone',
    put: counts('net1.c2', { [B]: 1 }),
    says: ['handle-leaked net1.c2: counts 1 in 10.10.0.8/29, which holds none'],
  },
  { name: 'an empty handle', put: counts('net1.c2', {}), says: ['handle-leaked net1.c2: names no block'] },
  {
    name: 'a handle whose map is null',
    put: { [handle('net1.c2')]: '{"block":null,"deleted":false}' },
    says: ['handle-leaked net1.c2: names no block'],
  },
  {
    name: 'a handle that is no JSON',
    put: { [handle('net1.c1')]: '{"block":' },
    says: ['handle-miscounted net1.c1: its value cannot be read; it has 1 in 10.10.0.0/29'],
  },
  {
    name: 'a handle that counts too few',
    put: {
      ...blockOf(
        A,
        'host:node1',
        { 0: container('c1'), 1: container('c1') },
        { attributes: [container('c1')], allocations: [0, 0, null, null, null, null, null, null] },
      ),
      ...endpoint('node1', 'c1', 'net1', '10.10.0.0'),
    },
    says: [
      'handle-miscounted net1.c1: counts 1 in 10.10.0.0/29, which holds 2',
      'surplus 10.10.0.1: handle net1.c1, on node1; endpoint default/node1-cni-c1-eth0 does not list it',
    ],
  },
  {
    name: 'a handle that does not name one of its blocks',
    put: { ...blockOf(B, 'host:node1', { 0: container('c1') }), ...claim('node1', B) },
    says: [
      'handle-miscounted net1.c1: counts 0 in 10.10.0.8/29, which holds 1',
      'surplus 10.10.0.8: handle net1.c1, on node1; endpoint default/node1-cni-c1-eth0 does not list it',
    ],
  },
  {
    name: 'a handle deleted',
    put: { [handle('net1.c1')]: undefined },
    says: ['handle-missing net1.c1: there is no such handle; it has 1 in 10.10.0.0/29'],
  },
  {
    name: 'a release of a claim killed at its start',
    put: claim('node1', A, 'pendingDeletion'),
    says: ['pending 10.10.0.0/29: the claim of host:node1 is pendingDeletion'],
  },
  {
    name: 'a release of an empty block killed at its start',
    put: { ...claim('node1', B, 'pendingDeletion'), ...blockOf(B, 'host:node1', {}) },
    says: ['pending 10.10.0.8/29: the claim of host:node1 is pendingDeletion'],
  },
  {
    name: 'a release of a claim killed after the block was deleted',
    put: claim('node1', B, 'pendingDeletion'),
    says: ['blockless 10.10.0.8/29: claimed by host:node1 (pendingDeletion), but there is no such block'],
  },
  {
    name: 'a release of a claim killed after the block was disowned',
    put: { ...claim('node1', A, 'pendingDeletion'), ...blockOf(A, null, { 0: container('c1') }) },
    says: [
      'borrowed 10.10.0.0: used on node1, block 10.10.0.0/29 belongs to nobody',
      'stale-claim 10.10.0.0/29: claimed by host:node1, but it belongs to nobody',
    ],
  },
  {
    name: 'a claim that cannot be read',
    put: { [claimOn('node1', A)]: 'confirmed' },
    says: ['pending 10.10.0.0/29: the claim of host:node1 is unreadable'],
  },
  {
    name: "a claim on another node's block",
    put: claim('node2', A),
    says: ['stale-claim 10.10.0.0/29: claimed by host:node2, but it belongs to host:node1'],
  },
  {
    name: 'a claim deleted',
    put: { [claimOn('node1', A)]: undefined },
    says: ['unclaimed 10.10.0.0/29: belongs to host:node1, which has no claim on it'],
  },
  {
    name: 'an empty block that nobody owns',
    put: blockOf(B, null, {}),
    says: ['abandoned 10.10.0.8/29: empty, and nobody owns it'],
  },
  {
    name: 'an empty block that only cooled down',
    put: {
      [CONFIG]: '{"auto_allocate_blocks":true,"ipCooldownSeconds":1}',
      ...blockOf(B, null, { 0: { releasedAt: '2026-11-20T00:00:00Z' } }),
    },
    says: ['abandoned 10.10.0.8/29: empty, and nobody owns it'],
  },
  {
    name: 'an empty block outside all pools',
    put: { ...blockOf('10.99.0.0/29', 'host:node1', {}), ...claim('node1', '10.99.0.0/29') },
    says: ['abandoned 10.99.0.0/29: empty, and lies outside all pools'],
  },
  {
    name: 'a node deleted with an empty block',
    put: { ...blockOf(B, 'host:lost', {}), ...claim('lost', B) },
    says: ['gone-node 10.10.0.8/29: belongs to lost, which has no Node resource'],
  },
  {
    name: 'a node deleted with addresses of its own and a borrowed one',
    put: {
      ...blockOf(B, 'host:lost', { 0: container('c3', 'lost'), 1: container('c4', 'node2') }),
      ...claim('lost', B),
      ...counts('net1.c3', { [B]: 1 }),
      ...counts('net1.c4', { [B]: 1 }),
      ...endpoint('node2', 'c4', 'net1', '10.10.0.9'),
    },
    says: [
      'borrowed 10.10.0.9: used on node2, block 10.10.0.8/29 belongs to host:lost',
      'gone-node 10.10.0.8/29: belongs to lost, which has no Node resource',
      'leaked 10.10.0.8: handle net1.c3, on lost, node lost has no Node resource',
    ],
  },
  {
    name: 'a queue that has lost addresses and names a taken one',
    put: blockOf(A, 'host:node1', { 0: container('c1') }, { unallocated: [0, 3, 3] }),
    says: ['queue 10.10.0.0/29: the queue has 3 entries for 7 free addresses, or other ones'],
  },
  {
    name: 'an attribute that nobody has',
    put: blockOf(A, 'host:node1', { 0: container('c1') }, { attributes: [container('c1'), container('c9')] }),
    says: ['attributes 10.10.0.0/29: nobody has attribute 1'],
  },
  {
    name: 'sequence numbers that are missing, too many and too high',
    put: blockOf(
      A,
      'host:node1',
      { 0: container('c1'), 1: { secondary: { note: 'by hand' } } },
      { sequenceNumber: 5n, sequenceNumberForAllocation: { 1: 7n, 4: 1n } },
    ),
    says: [
      'sequence 10.10.0.0/29: allocated addresses without a sequence number',
      "sequence 10.10.0.0/29: an address's sequence number is not below the block's",
      'sequence 10.10.0.0/29: sequence numbers of free addresses',
    ],
  },
  {
    name: "an address with its block's own sequence number",
    put: blockOf(
      A,
      'host:node1',
      { 0: container('c1') },
      { sequenceNumber: 7n, sequenceNumberForAllocation: { 0: 7n } },
    ),
    says: ["sequence 10.10.0.0/29: an address's sequence number is not below the block's"],
  },
  {
    name: 'a released address without cooldown',
    put: blockOf(A, 'host:node1', { 0: container('c1'), 2: { releasedAt: '2026-11-21T00:00:00Z' } }),
    says: ['cooling 10.10.0.0/29: released at 2026-11-21T00:00:00Z, though there is no cooldown'],
  },
  {
    name: 'a time of claim without an owner',
    put: {
      ...blockOf(A, null, { 0: container('c1') }, { affinity_claim_time: '2026-11-21T00:00:00Z' }),
      [claimOn('node1', A)]: undefined,
    },
    says: [
      'borrowed 10.10.0.0: used on node1, block 10.10.0.0/29 belongs to nobody',
      'claim-time 10.10.0.0/29: nobody owns it, but it was claimed at 2026-11-21T00:00:00Z',
    ],
  },
];

/** HEALTHY with damage done. */
export function damaged({ put }: Pick<IpamDamage, 'put'>): Dump {
  const entries = Object.entries({ ...HEALTHY, ...put });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
