import { asObject, objectOrNothing } from '../../shared/calico/stored.ts';
import { type Entry, get } from '../../shared/datastore/query.ts';
import { CLUSTER_INFORMATION, isSame } from '../../shared/datastore/ref.ts';
import type { Context } from '../command-line/context.ts';
import type { ClusterState } from './inspection.ts';

/** Reads which cluster the datastore holds. Throws 'datastore unavailable'. */
export async function readClusterState(context: Pick<Context, 'store' | 'deadline'>): Promise<ClusterState> {
  const answers = await context.store.read([get(CLUSTER_INFORMATION)], context.deadline);
  return clusterState(answers.flatMap(({ entries }) => entries));
}

/** What ClusterInformation says, if the entries contain it. */
export function clusterState(entries: readonly Entry[]): ClusterState {
  const entry = entries.find(({ ref }) => isSame(ref, CLUSTER_INFORMATION));
  const spec = entry && asObject(objectOrNothing(entry.at, entry.value)?.['spec']);
  const text = (name: string) => (typeof spec?.[name] === 'string' ? String(spec[name]) : '');
  return {
    guid: text('clusterGUID'),
    type: text('clusterType'),
    version: entry?.version ?? '',
    locked: spec?.['datastoreReady'] === false,
  };
}
