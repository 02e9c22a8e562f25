import { get } from '../../shared/datastore/query.ts';
import { CLUSTER_INFORMATION } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import type { Kind } from '../kinds/kind.ts';
import { kindOf } from '../kinds/kinds.ts';
import { TIERS } from '../kinds/tier.ts';
import { type AnyResource, API_VERSION, type Fields, refOf } from '../resource/resource.ts';
import { created, type Stamp } from './metadata.ts';
import { decode, encode } from './stored.ts';

/**
 * Creates what every datastore needs: ClusterInformation with a new cluster ID, ready, and the tiers. Existing resources are not
 * changed. Returns what was created, e.g. `ClusterInformation(default)`.
 */
export function* initialise(stamp: Stamp): Plan<Outcome<readonly string[]>> {
  const [information, tier] = [kindOf('ClusterInformation'), kindOf('Tier')];
  const tiers = Object.keys(TIERS).map((name) => refOf('Tier', { name }));
  const view = yield [CLUSTER_INFORMATION, ...tiers].map(get);
  const entry = view.get(CLUSTER_INFORMATION);
  const old = entry === undefined ? fresh(information, 'default', {}, stamp) : decode(information, entry);
  const { clusterGUID, datastoreReady } = old.spec ?? {};
  const made: AnyResource[] = [];
  if (!clusterGUID || datastoreReady === undefined || datastoreReady === null) {
    const known = {
      clusterGUID: clusterGUID || stamp.uid().replaceAll('-', ''),
      datastoreReady: datastoreReady ?? true,
    };
    made.push({ ...old, spec: { ...old.spec, ...known } });
  }
  for (const [name, spec] of Object.entries(TIERS)) {
    if (view.get(refOf('Tier', { name })) === undefined) made.push(fresh(tier, name, spec, stamp));
  }
  const changes = made.map((resource) => {
    const kind = resource.kind === tier.name ? tier : information;
    return { ref: refOf(kind.name, resource.metadata), next: encode(kind, resource) };
  });
  return { changes, answer: made.map(({ kind, metadata }) => `${kind}(${metadata.name})`) };
}

const fresh = (kind: Kind, name: string, spec: Fields, stamp: Stamp): AnyResource => ({
  kind: kind.name,
  apiVersion: API_VERSION,
  metadata: created({ name }, stamp),
  spec,
});
