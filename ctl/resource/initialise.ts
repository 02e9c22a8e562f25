import { CLUSTER_INFORMATION_KEY } from '../../shared/calico/keys.ts';
import { type Outcome, one, type Plan } from '../../shared/datastore/view.ts';
import type { Kind } from './kind.ts';
import { TIERS } from './kinds/tier.ts';
import { kindNamed } from './kinds.ts';
import { created, type Stamp } from './metadata.ts';
import { type AnyResource, API_VERSION, type Fields, keyOf } from './resource.ts';
import { decode, encode } from './stored.ts';

/**
 * Makes what the first use of a datastore makes: ClusterInformation with an id of the cluster's own, ready, and the tiers.
 * What is there stays as it is. Answers what was made, e.g. `ClusterInformation(default)`.
 */
export function* initialise(stamp: Stamp): Plan<Outcome<readonly string[]>> {
  const [information, tier] = [knownKind('ClusterInformation'), knownKind('Tier')];
  const keys = Object.keys(TIERS).map((name) => keyOf(tier.plural, { name }));
  const view = yield [CLUSTER_INFORMATION_KEY, ...keys].map(one);
  const entry = view.get(CLUSTER_INFORMATION_KEY);
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
    if (view.get(keyOf(tier.plural, { name })) === undefined) made.push(fresh(tier, name, spec, stamp));
  }
  const writes = made.map((resource) => {
    const kind = knownKind(resource.kind);
    return { key: keyOf(kind.plural, resource.metadata), value: encode(kind, resource) };
  });
  return { writes, answer: made.map(({ kind, metadata }) => `${kind}(${metadata.name})`) };
}

const fresh = (kind: Kind, name: string, spec: Fields, stamp: Stamp): AnyResource => ({
  kind: kind.name,
  apiVersion: API_VERSION,
  metadata: created({ name }, stamp),
  spec,
});

function knownKind(name: string): Kind {
  const kind = kindNamed(name);
  if (kind === undefined) throw new Error(`no kind ${name}`);
  return kind;
}
