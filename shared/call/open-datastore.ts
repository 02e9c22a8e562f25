import type { NetConf } from '../cni/netconf.ts';
import type { Datastore } from '../datastore/datastore.ts';
import { type EtcdConfig, readEtcdConfig } from '../etcd/config.ts';
import { openStore } from '../etcd/datastore.ts';
import { readEndpoint } from '../etcd/endpoint.ts';
import { endpointMarks } from '../etcd/endpoint-marks.ts';
import type { Log } from '../log/log.ts';
import type { World } from '../system/world.ts';

/** A datastore that connects to nothing yet. */
export interface OpenDatastore {
  readonly store: Datastore;
  /** Marks of the endpoints that it is reached by. */
  readonly endpoints: readonly string[];
  /** Where it is, for people to read. */
  where(): string;
}

/** Where the kind of datastore is chosen: etcd is the only one. The caller closes it. */
export const openDatastore = (etcd: EtcdConfig, world: World, log: Log): OpenDatastore => ({
  store: openStore(etcd, world, log),
  endpoints: endpointMarks(etcd),
  where: () => etcd.endpoints.map((one) => readEndpoint(one).text).join(', ') || etcd.discoverySrv,
});

/** The same for a network configuration; throws a Failure when it or the environment is wrong. */
export const openConfigured = (conf: NetConf, world: World, log: Log): OpenDatastore =>
  openDatastore(readEtcdConfig(conf, world.env), world, log);
