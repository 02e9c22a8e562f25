import { parseJson } from '../../shared/calico/json.ts';
import type { Entry } from '../../shared/datastore/query.ts';
import { type AnyResource, API_VERSION } from '../resource/resource.ts';
import { objectOf } from '../resource/shape.ts';

/**
 * An affinity of IPAM as a resource. Its annotations distinguish it from a stored BlockAffinity, which IPAM does not read.
 * Undefined for anything else.
 */
export function claimResource({ ref, at, value, version }: Entry): AnyResource | undefined {
  if (ref.kind !== 'affinity') return undefined;
  const { type, node, cidr } = ref;
  // Very old data has empty values.
  const state = objectOf(value === '' ? {} : parseJson(at, value))?.['state'] ?? '';
  return {
    kind: 'BlockAffinity',
    apiVersion: API_VERSION,
    metadata: {
      name: `${node}-${cidr.text.replaceAll(/[.:/]/g, '-')}`,
      resourceVersion: version,
      annotations: { 'calicoctl/origin': 'ipam', 'calicoctl/key': at },
    },
    spec: { state, node, type, cidr: cidr.text, deleted: 'false' },
  };
}
