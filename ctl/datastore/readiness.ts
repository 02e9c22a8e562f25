import { get } from '../../shared/datastore/query.ts';
import { CLUSTER_INFORMATION } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { decode, encode } from '../change/stored.ts';
import { kindOf } from '../kinds/kinds.ts';
import { doesNotExist } from '../resource/fault.ts';
import { type AnyResource, identifier } from '../resource/resource.ts';

/** Whether plugins may use the datastore, according to ClusterInformation. Throws Refused without one. */
export function* readiness(): Plan<Outcome<boolean>> {
  const { spec } = yield* information();
  return { changes: [], answer: spec?.['datastoreReady'] === true };
}

/** Allows or forbids plugins to use the datastore. Returns whether that was a change. Throws Refused without a ClusterInformation. */
export function* setReadiness(ready: boolean): Plan<Outcome<boolean>> {
  const old = yield* information();
  if (old.spec?.['datastoreReady'] === ready) return { changes: [], answer: false };
  const next = { ...old, spec: { ...old.spec, datastoreReady: ready } };
  return { changes: [{ ref: CLUSTER_INFORMATION, next: encode(kindOf('ClusterInformation'), next) }], answer: true };
}

function* information(): Plan<AnyResource> {
  const view = yield [get(CLUSTER_INFORMATION)];
  const entry = view.get(CLUSTER_INFORMATION);
  if (entry === undefined) throw doesNotExist(identifier('ClusterInformation', { name: 'default' }));
  return decode(kindOf('ClusterInformation'), entry);
}
