import { CLUSTER_INFORMATION_KEY } from '../../shared/calico/keys.ts';
import { asObject, objectOrNothing } from '../../shared/calico/stored.ts';
import { type Entry, one } from '../../shared/datastore/view.ts';
import type { Context } from '../context.ts';
import type { ClusterName } from './inspection.ts';

/** The cluster that etcd holds. Throws 'datastore unavailable'. */
export async function readClusterName(context: Pick<Context, 'store' | 'deadline'>): Promise<ClusterName> {
  const answers = await context.store.read([one(CLUSTER_INFORMATION_KEY)], context.deadline);
  return clusterName(answers.flatMap(({ entries }) => entries));
}

/** What ClusterInformation says, if it is among the entries. */
export function clusterName(entries: readonly Entry[]): ClusterName {
  const entry = entries.find(({ key }) => key === CLUSTER_INFORMATION_KEY);
  const spec = entry && asObject(objectOrNothing(entry.key, entry.value)?.['spec']);
  const text = (name: string) => (typeof spec?.[name] === 'string' ? String(spec[name]) : '');
  return {
    guid: text('clusterGUID'),
    type: text('clusterType'),
    revision: entry?.modRevision ?? 0,
    locked: spec?.['datastoreReady'] === false,
  };
}
