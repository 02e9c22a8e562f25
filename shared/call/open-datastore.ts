import type { NetConf } from '../cni/netconf.ts';
import type { Datastore } from '../datastore/datastore.ts';
import type { ApiConnection } from '../kubernetes/api-connection.ts';
import type { ApiGroup } from '../kubernetes-datastore/api-group.ts';
import type { Log } from '../log/log.ts';
import type { World } from '../system/world.ts';
import { datastoreType } from './datastore-type.ts';

/** A datastore that has not been connected to yet. */
export interface OpenDatastore {
  readonly store: Datastore;
  /** Marks of the endpoints that it is reached at. */
  readonly endpoints: readonly string[];
  /** The connection to the API server, if that is the datastore: other requests to it use it as well. */
  readonly api?: ApiConnection;
  /** The API group that the server was found to have, where nothing configures it. */
  foundGroup?(): ApiGroup | undefined;
  /** Where it is, for people to read. */
  where(): string;
}

/**
 * Where a call's kind of datastore is chosen, and its adapter loaded; throws a Failure when configuration or environment is
 * wrong. `node` owns the blocks that are written; '' for none. The caller closes it.
 */
export async function openConfigured(conf: NetConf, node: string, world: World, log: Log): Promise<OpenDatastore> {
  if (datastoreType(conf, world.env) === 'kubernetes') {
    const { openKubernetesDatastore } = await import('./open-kubernetes.ts');
    return openKubernetesDatastore(conf, node, world, log);
  }
  const { openConfiguredEtcd } = await import('./open-etcd.ts');
  return openConfiguredEtcd(conf, world, log);
}
