import { parseJson } from '../../shared/calico/json.ts';
import { parseAffinityKey } from '../../shared/calico/keys.ts';
import type { Entry } from '../../shared/datastore/view.ts';
import { type AnyResource, API_VERSION } from './resource.ts';
import { objectOf } from './shape.ts';

/**
 * IPAM's own claim on a block as a resource, told from stored BlockAffinity resources (which IPAM does not read) by its
 * annotations. Undefined for a key that is none.
 */
export function claimResource({ key, value, modRevision }: Entry): AnyResource | undefined {
  const claim = parseAffinityKey(key);
  if (claim === undefined) return undefined;
  const { type, node, cidr } = claim;
  // Very old data has empty values.
  const state = objectOf(value === '' ? {} : parseJson(key, value))?.['state'] ?? '';
  return {
    kind: 'BlockAffinity',
    apiVersion: API_VERSION,
    metadata: {
      name: `${node}-${cidr.text.replaceAll(/[.:/]/g, '-')}`,
      resourceVersion: String(modRevision),
      annotations: { 'calicoctl/origin': 'ipam', 'calicoctl/key': key },
    },
    spec: { state, node, type, cidr: cidr.text, deleted: 'false' },
  };
}
