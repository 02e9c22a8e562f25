import { asObject, parseObject } from '../calico/stored.ts';
import { blockRef, textOf } from '../datastore/ref.ts';
import { parseCidr } from '../net/cidr.ts';
import type { IpamObject } from './ipam-object.ts';
import { specOf } from './metadata.ts';
import { blockName } from './object-names.ts';

/** Blocks as custom resources. */
export const BLOCKS: IpamObject = {
  plural: () => 'ipamblocks',
  kind: () => 'IPAMBlock',
  name: (ref) => (ref.kind === 'block' ? blockName(ref.cidr) : ''),
  refOf(spec) {
    const cidr = typeof spec['cidr'] === 'string' ? parseCidr(spec['cidr']) : undefined;
    return cidr === undefined ? undefined : blockRef(cidr);
  },
  isDeleted: (spec) => spec['deleted'] === true,
  unrouted: {
    unallocated: true,
    sequenceNumberForAllocation: true,
    attributes: { handle_id: true, secondary: { namespace: true, pod: true, timestamp: true } },
  },
  fields(object) {
    const { affinityClaimTime, strictAffinity: _, cidr, affinity, ...fields } = specOf(object);
    return { cidr, affinity: affinity ?? null, affinity_claim_time: affinityClaimTime, ...fields };
  },
  spec(ref, value) {
    const fields = parseObject(textOf(ref), value);
    return {
      cidr: fields['cidr'],
      // The schema requires strings and lists where etcd may hold null.
      affinity: fields['affinity'] ?? undefined,
      affinityClaimTime: fields['affinity_claim_time'] ?? undefined,
      allocations: fields['allocations'],
      unallocated: fields['unallocated'] ?? [],
      attributes: fields['attributes'] ?? [],
      sequenceNumber: fields['sequenceNumber'] ?? 0,
      sequenceNumberForAllocation: asObject(fields['sequenceNumberForAllocation']),
      deleted: false,
      strictAffinity: false,
    };
  },
};
