import { encodeBlock } from '../../../ipam/block/block-json.ts';
import type { AllocationAttribute } from '../../../shared/calico/model.ts';
import type { Dump } from '../etcd/etcd.ts';
import { block, claimOn, handle } from './ipam-world.ts';

/** Who has an address: a handle, and other attributes. */
export interface Holder {
  readonly handleID: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A /26 of a node whose first addresses are in use. */
export interface SeededBlock {
  readonly node: string;
  readonly cidr: string;
  readonly holders: readonly Holder[];
}

const SIZE = 64;

/** Blocks, affinities and handles as ADDs leave them. */
export function seeded(blocks: readonly SeededBlock[]): Dump {
  const counts = new Map<string, Record<string, number>>();
  for (const { cidr, holders } of blocks) {
    for (const { handleID } of holders) {
      const held = counts.get(handleID) ?? {};
      counts.set(handleID, { ...held, [cidr]: (held[cidr] ?? 0) + 1 });
    }
  }
  const handles = [...counts].map(([id, held]) => [handle(id), JSON.stringify({ block: held, deleted: false })]);
  return { ...Object.fromEntries(handles), ...Object.assign({}, ...blocks.map(keysOf)) };
}

function keysOf({ node, cidr, holders }: SeededBlock): Dump {
  const ordinals = Array.from({ length: SIZE }, (_, ordinal) => ordinal);
  const attributes = holders.map(
    ({ handleID, attributes: secondary }): AllocationAttribute => ({ handle_id: handleID, secondary }),
  );
  const value = encodeBlock({
    cidr,
    affinity: `host:${node}`,
    affinity_claim_time: '2026-11-21T00:00:00Z',
    allocations: ordinals.map((ordinal) => (ordinal < holders.length ? ordinal : null)),
    unallocated: ordinals.slice(holders.length),
    attributes,
    sequenceNumber: 1000n,
    sequenceNumberForAllocation: Object.fromEntries(holders.map((_, ordinal) => [ordinal, BigInt(ordinal)])),
    deleted: false,
  });
  return { [block(cidr)]: value, [claimOn(node, cidr)]: JSON.stringify({ state: 'confirmed', deleted: false }) };
}

/** A container's endpoint without Kubernetes, under its key. */
export function endpoint(node: string, containerID: string, network: string, address: string): Dump {
  const name = `${node}-cni-${containerID}-eth0`;
  const value = {
    kind: 'WorkloadEndpoint',
    apiVersion: 'projectcalico.org/v3',
    metadata: { name, namespace: 'default' },
    spec: {
      orchestrator: 'cni',
      node,
      containerID,
      endpoint: 'eth0',
      ipNetworks: [`${address}/32`],
      profiles: [network],
      interfaceName: `cali${containerID.slice(0, 11)}`,
    },
  };
  return { [`/calico/resources/v3/projectcalico.org/workloadendpoints/default/${name}`]: JSON.stringify(value) };
}
