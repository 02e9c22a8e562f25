import { storedReader } from '../../shared/calico/stored.ts';
import { CLUSTER_INFORMATION, textOf } from '../../shared/datastore/ref.ts';
import type { View } from '../../shared/datastore/view.ts';
import { failure } from '../../shared/error/failure.ts';

/** Throws when the datastore was never set up for Calico or is locked (e.g. for an upgrade); `view` must hold ClusterInformation. */
export function requireReady(view: View): void {
  const entry = view.get(CLUSTER_INFORMATION);
  if (entry === undefined) {
    throw failure(
      'error getting ClusterInformation: resource does not exist: ClusterInformation(default) with error: <nil>',
      `the datastore has no ${textOf(CLUSTER_INFORMATION)}: is this the right datastore, and was Calico set up in it?`,
    );
  }
  const spec = storedReader(entry.at, entry.value, 'ClusterInformation').object('spec');
  if (!spec.flag('datastoreReady')) {
    throw failure(
      'Calico is currently not ready to process requests',
      `datastoreReady in ${entry.at} is not true; when no upgrade or migration is running: ${remedyAt(entry.at)}`,
    );
  }
}

/** The command that sets datastoreReady; where the data is in Kubernetes, kubectl is at hand. Only etcd's keys begin with a slash. */
const remedyAt = (at: string): string =>
  at.startsWith('/')
    ? 'calicoctl datastore ready true'
    : `kubectl patch clusterinformations default --type=merge -p '{"spec":{"datastoreReady":true}}'`;
