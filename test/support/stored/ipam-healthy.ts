import { encodeBlock } from '../../../ipam/block/block-json.ts';
import type { AllocationAttribute, Block } from '../../../shared/calico/model.ts';
import type { Dump } from '../etcd/etcd.ts';
import { clusterInformation, node, pool } from './cluster.ts';
import { block, CONFIG, claimOn, handle, reservation } from './ipam-world.ts';
import { endpoint } from './seeded.ts';

export const A = '10.10.0.0/29';
export const B = '10.10.0.8/29';
const LB = '10.20.0.0/29';
const SIZE = 8;

/** Who has an address: a handle, and the rest of the attribute. */
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

/** A container with an address, its handle and its endpoint, in an owned block. Nothing is wrong. */
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

/** Everything that looks like damage but is not. */
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

/** Damage on top of HEALTHY: keys to write (undefined: delete), and what a check reports, by kind and text. */
export interface IpamDamage {
  readonly name: string;
  readonly put: Readonly<Record<string, string | undefined>>;
  readonly says: readonly string[];
}

/** HEALTHY with damage. */
export function damaged({ put }: Pick<IpamDamage, 'put'>): Dump {
  const entries = Object.entries({ ...HEALTHY, ...put });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
