import type { NetConf } from '../cni/netconf.ts';
import type { Datastore } from '../datastore/datastore.ts';
import { endpointMarks } from '../datastore/endpoint-marks.ts';
import { type EtcdConfig, readEtcdConfig } from '../etcd/config.ts';
import { openStore } from '../etcd/datastore.ts';
import type { Log } from '../log/log.ts';
import { readEndpoint } from '../net/endpoint.ts';
import type { World } from '../system/world.ts';

/** A datastore that has not been connected to yet. */
export interface OpenDatastore {
  readonly store: Datastore;
  /** Marks of the endpoints that it is reached at. */
  readonly endpoints: readonly string[];
  /** Where it is, in readable form. */
  where(): string;
}

/** Where the kind of datastore is chosen: etcd is the only one. The caller closes it. */
export const openDatastore = (etcd: EtcdConfig, world: World, log: Log): OpenDatastore => ({
  store: openStore(etcd, world, log),
  endpoints: endpointMarks(etcd),
  where: () => etcd.endpoints.map((one) => readEndpoint(one).text).join(', ') || etcd.discoverySrv,
});

/** The same for a network configuration; throws a CniError when it or the environment is wrong. */
export const openConfigured = (conf: NetConf, world: World, log: Log): OpenDatastore =>
  openDatastore(readEtcdConfig(conf, world.env), world, log);
