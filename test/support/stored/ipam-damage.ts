import { A, B, blockOf, claim, container, counts, type IpamDamage } from './ipam-healthy.ts';
import { CONFIG, claimOn, handle } from './ipam-world.ts';
import { endpoint } from './seeded.ts';

const ENDPOINT = '/calico/resources/v3/projectcalico.org/workloadendpoints/default/node1-cni-c1-eth0';
const two = { 0: container('c1'), 1: container('c2') };

/** What a killed process of the original, its bugs, or an operator may leave. Repair fixes all of it. */
export const MENDABLE: readonly IpamDamage[] = [
  {
    name: 'an ADD killed after its claim',
    put: claim('node1', B, 'pending'),
    says: ['blockless 10.10.0.8/29: claimed by host:node1 (pending), but the block does not exist'],
  },
  {
    name: 'an ADD killed after its block',
    put: { ...claim('node1', B, 'pending'), ...blockOf(B, 'host:node1', {}) },
    says: ['pending 10.10.0.8/29: the affinity of host:node1 is pending'],
  },
  {
    name: 'an ADD killed after its handle',
    put: counts('net1.c2', { [A]: 1 }),
    says: ['handle-leaked net1.c2: counts 1 in 10.10.0.0/29, which holds none'],
  },
  {
    name: 'an ADD killed before its endpoint',
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
  { name: 'an empty handle', put: counts('net1.c2', {}), says: ['handle-leaked net1.c2: lists no block'] },
  {
    name: 'a handle whose map is null',
    put: { [handle('net1.c2')]: '{"block":null,"deleted":false}' },
    says: ['handle-leaked net1.c2: lists no block'],
  },
  {
    name: 'a handle that is not JSON',
    put: { [handle('net1.c1')]: '{"block":' },
    says: ['handle-miscounted net1.c1: its value cannot be read; it should hold 1 in 10.10.0.0/29'],
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
    says: ['handle-missing net1.c1: the handle does not exist; it should hold 1 in 10.10.0.0/29'],
  },
  {
    name: 'a release of a claim killed at its start',
    put: claim('node1', A, 'pendingDeletion'),
    says: ['pending 10.10.0.0/29: the affinity of host:node1 is pendingDeletion'],
  },
  {
    name: 'a release of an empty block killed at its start',
    put: { ...claim('node1', B, 'pendingDeletion'), ...blockOf(B, 'host:node1', {}) },
    says: ['pending 10.10.0.8/29: the affinity of host:node1 is pendingDeletion'],
  },
  {
    name: 'a release of a claim killed after the block was deleted',
    put: claim('node1', B, 'pendingDeletion'),
    says: ['blockless 10.10.0.8/29: claimed by host:node1 (pendingDeletion), but the block does not exist'],
  },
  {
    name: 'a release of a claim killed after the block was disowned',
    put: { ...claim('node1', A, 'pendingDeletion'), ...blockOf(A, null, { 0: container('c1') }) },
    says: [
      'borrowed 10.10.0.0: used on node1, block 10.10.0.0/29 belongs to no one',
      'stale-claim 10.10.0.0/29: claimed by host:node1, but it belongs to no one',
    ],
  },
  {
    name: 'a claim that cannot be read',
    put: { [claimOn('node1', A)]: 'confirmed' },
    says: ['pending 10.10.0.0/29: the affinity of host:node1 is unreadable'],
  },
  {
    name: "a claim on another node's block",
    put: claim('node2', A),
    says: ['stale-claim 10.10.0.0/29: claimed by host:node2, but it belongs to host:node1'],
  },
  {
    name: 'a claim deleted',
    put: { [claimOn('node1', A)]: undefined },
    says: ['unclaimed 10.10.0.0/29: belongs to host:node1, which has no affinity for it'],
  },
  {
    name: 'an empty block without an owner',
    put: blockOf(B, null, {}),
    says: ['abandoned 10.10.0.8/29: empty, without an owner'],
  },
  {
    name: 'an empty block that only cooled down',
    put: {
      [CONFIG]: '{"auto_allocate_blocks":true,"ipCooldownSeconds":1}',
      ...blockOf(B, null, { 0: { releasedAt: '2026-11-20T00:00:00Z' } }),
    },
    says: ['abandoned 10.10.0.8/29: empty, without an owner'],
  },
  {
    name: 'an empty block outside all pools',
    put: { ...blockOf('10.99.0.0/29', 'host:node1', {}), ...claim('node1', '10.99.0.0/29') },
    says: ['abandoned 10.99.0.0/29: empty, outside all pools'],
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
    says: ['queue 10.10.0.0/29: the queue has 3 entries for 7 free addresses, or lists the wrong ones'],
  },
  {
    name: 'an attribute of no address',
    put: blockOf(A, 'host:node1', { 0: container('c1') }, { attributes: [container('c1'), container('c9')] }),
    says: ['attributes 10.10.0.0/29: no address uses attribute 1'],
  },
  {
    name: 'sequence numbers that are missing and too high',
    put: blockOf(
      A,
      'host:node1',
      { 0: container('c1'), 1: { secondary: { note: 'by hand' } } },
      { sequenceNumber: 5n, sequenceNumberForAllocation: { 1: 7n } },
    ),
    says: [
      'sequence 10.10.0.0/29: allocated addresses without a sequence number',
      "sequence 10.10.0.0/29: an address's sequence number is not below the block's",
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
      'borrowed 10.10.0.0: used on node1, block 10.10.0.0/29 belongs to no one',
      'claim-time 10.10.0.0/29: has no owner, but a claim time of 2026-11-21T00:00:00Z',
    ],
  },
];
