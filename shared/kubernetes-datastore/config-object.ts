import { parseObject } from '../calico/stored.ts';
import { IPAM_CONFIG, textOf } from '../datastore/ref.ts';
import type { IpamObject } from './ipam-object.ts';
import { specOf } from './metadata.ts';

/** The IPAM settings as a custom resource: a single object, called IPAMConfiguration by calicoctl. */
export const CONFIG: IpamObject = {
  plural: ({ version }) => (version === 'v1' ? 'ipamconfigs' : 'ipamconfigurations'),
  kind: ({ version }) => (version === 'v1' ? 'IPAMConfig' : 'IPAMConfiguration'),
  name: () => 'default',
  refOf: () => IPAM_CONFIG,
  isDeleted: () => false,
  fields(object) {
    const { strictAffinity, autoAllocateBlocks, ...others } = specOf(object);
    return {
      strict_affinity: strictAffinity ?? false,
      auto_allocate_blocks: autoAllocateBlocks ?? false,
      ...others,
    };
  },
  spec(ref, value) {
    const fields = parseObject(textOf(ref), value);
    const { strict_affinity, auto_allocate_blocks, maxBlocksPerHost, ipCooldownSeconds, ...others } = fields;
    return {
      strictAffinity: strict_affinity ?? false,
      autoAllocateBlocks: auto_allocate_blocks ?? false,
      maxBlocksPerHost: maxBlocksPerHost || undefined,
      ipCooldownSeconds: ipCooldownSeconds || undefined,
      ...others,
    };
  },
};
