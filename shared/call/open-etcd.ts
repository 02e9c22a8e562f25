import type { NetConf } from '../cni/netconf.ts';
import { endpointMarks } from '../datastore/endpoint-marks.ts';
import { type EtcdConfig, readEtcdConfig } from '../etcd/config.ts';
import { openStore } from '../etcd/datastore.ts';
import type { Log } from '../log/log.ts';
import { readEndpoint } from '../net/endpoint.ts';
import type { World } from '../system/world.ts';
import type { OpenDatastore } from './open-datastore.ts';

/** An etcd. The caller closes it. */
export const openEtcd = (etcd: EtcdConfig, world: World, log: Log): OpenDatastore => ({
  store: openStore(etcd, world, log),
  endpoints: endpointMarks(etcd),
  where: () => etcd.endpoints.map((one) => readEndpoint(one).text).join(', ') || etcd.discoverySrv,
});

/** The etcd of a configuration; throws a Failure when configuration or environment is wrong. The caller closes it. */
export const openConfiguredEtcd = (conf: NetConf, world: World, log: Log): OpenDatastore =>
  openEtcd(readEtcdConfig(conf, world.env), world, log);
