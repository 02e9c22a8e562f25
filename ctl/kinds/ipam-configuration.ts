import { parseJson, stringifyJson } from '../../shared/calico/json.ts';
import type { Entry } from '../../shared/datastore/query.ts';
import { IPAM_CONFIG } from '../../shared/datastore/ref.ts';
import type { Change } from '../../shared/datastore/view.ts';
import type { Fault } from '../resource/fault.ts';
import { type AnyResource, API_VERSION, type Fields } from '../resource/resource.ts';
import { objectOf } from '../resource/shape.ts';
import { choice, flag, integer, object } from '../schema/type.ts';
import type { Rules } from './rules.ts';

/** IPAMConfiguration `default`. Allocation reads another object, which is written together with it. */
export const ipamConfiguration: Rules = {
  spec: object({
    strictAffinity: flag({ default: false }),
    maxBlocksPerHost: integer({ min: 0, max: 1_000_000, omitZero: true }),
    // A missing value would mean false, and no node could ever claim a block.
    autoAllocateBlocks: flag({ default: true }),
    kubeVirtVMAddressPersistence: choice(['Enabled', 'Disabled']),
    ipCooldownSeconds: integer({ min: 0, max: 1_200, omitZero: true }),
  }),
  faults: ({ metadata, spec = {} }) => {
    const found: Fault[] = [];
    if (metadata.name !== 'default') {
      const reason = 'Cannot create an IPAMConfiguration resource with a name other than "default"';
      found.push({ field: 'Metadata.Name', value: metadata.name, reason });
    }
    if (spec['strictAffinity'] !== true && spec['autoAllocateBlocks'] !== true) {
      found.push(invalid("Cannot disable 'StrictAffinity' and 'AutoAllocateBlocks' at the same time"));
    }
    if (spec['strictAffinity'] !== true && Number(spec['maxBlocksPerHost'] ?? 0) > 0) {
      found.push(invalid('MaxBlocksPerHost requires StrictAffinity to be enabled'));
    }
    return found;
  },
};

const invalid = (reason: string): Fault => ({ field: 'spec', reason });

/** Each field of the resource, by its name in the object that allocation reads. */
const NAMES = {
  strict_affinity: 'strictAffinity',
  auto_allocate_blocks: 'autoAllocateBlocks',
  maxBlocksPerHost: 'maxBlocksPerHost',
  kubeVirtVMAddressPersistence: 'kubeVirtVMAddressPersistence',
  ipCooldownSeconds: 'ipCooldownSeconds',
} as const;

/** The change that makes a configuration effective, besides the resource's own. */
export function effectiveChange(spec: Fields | undefined): Change {
  if (spec === undefined) return { ref: IPAM_CONFIG, next: undefined };
  const values = Object.entries(NAMES).map(([stored, name]) => [stored, spec[name] || undefined]);
  return { ref: IPAM_CONFIG, next: stringifyJson(Object.fromEntries(values)) };
}

/** The current configuration as a resource: `stored` with the values that allocation reads. Undefined when neither exists. */
export function effective(stored: AnyResource | undefined, config: Entry | undefined): AnyResource | undefined {
  if (config === undefined) return stored;
  const values = objectOf(parseJson(config.at, config.value)) ?? {};
  const read = Object.entries(NAMES).map(([name, field]) => [field, values[name]]);
  const spec = Object.fromEntries(read.filter(([, value]) => value !== undefined));
  const flags = { strictAffinity: false, autoAllocateBlocks: false };
  const fallback = { kind: 'IPAMConfiguration', apiVersion: API_VERSION, metadata: { name: 'default' } };
  return { ...(stored ?? fallback), spec: { ...flags, ...spec } };
}
