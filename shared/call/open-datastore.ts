import type { Datastore } from '../datastore/datastore.ts';
import type { EtcdConfig } from '../etcd/config.ts';
import { openStore } from '../etcd/datastore.ts';
import { endpointMarks } from '../etcd/endpoint-marks.ts';
import type { Log } from '../log/log.ts';
import type { World } from '../system/world.ts';

/** A datastore that connects to nothing yet. */
export interface OpenDatastore {
  readonly store: Datastore;
  /** Marks of the endpoints that it is reached by. */
  readonly endpoints: readonly string[];
}

/** Where the kind of datastore is chosen: etcd is the only one. The caller closes it. */
export const openDatastore = (etcd: EtcdConfig, world: World, log: Log): OpenDatastore => ({
  store: openStore(etcd, world, log),
  endpoints: endpointMarks(etcd),
});
