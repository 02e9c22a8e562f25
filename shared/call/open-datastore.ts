import { sha1 } from '../calico/sha1.ts';
import type { NetConf } from '../cni/netconf.ts';
import { settingsOf } from '../cni/setting.ts';
import type { Datastore } from '../datastore/datastore.ts';
import { endpointMarks } from '../datastore/endpoint-marks.ts';
import { type EtcdConfig, readEtcdConfig } from '../etcd/config.ts';
import { openStore } from '../etcd/datastore.ts';
import { type ApiConnection, openApiConnection } from '../kubernetes/api-connection.ts';
import { readAccess } from '../kubernetes/credentials.ts';
import { type ApiGroup, configuredGroup } from '../kubernetes-datastore/api-group.ts';
import { kubernetesDatastore } from '../kubernetes-datastore/datastore.ts';
import { datastoreServer, requireKubeconfig, serverMarks } from '../kubernetes-datastore/server.ts';
import type { Log } from '../log/log.ts';
import { readEndpoint } from '../net/endpoint.ts';
import type { World } from '../system/world.ts';
import { datastoreType } from './datastore-type.ts';
import { knownGroup } from './known-stores.ts';
import { labelledAffinities } from './labelled-affinities.ts';
import { nodeName } from './node-name.ts';

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

/** An etcd. The caller closes it. */
export const openDatastore = (etcd: EtcdConfig, world: World, log: Log): OpenDatastore => ({
  store: openStore(etcd, world, log),
  endpoints: endpointMarks(etcd),
  where: () => etcd.endpoints.map((one) => readEndpoint(one).text).join(', ') || etcd.discoverySrv,
});

/** Where a call's kind of datastore is chosen; throws a Failure when configuration or environment is wrong. The caller closes it. */
export const openConfigured = (conf: NetConf, world: World, log: Log): OpenDatastore =>
  datastoreType(conf, world.env) === 'kubernetes'
    ? openKubernetesDatastore(conf, world, log)
    : openDatastore(readEtcdConfig(conf, world.env), world, log);

/** The API server of a configuration; its endpoints are as the plugin wrote them. */
function openKubernetesDatastore(conf: NetConf, world: World, log: Log): OpenDatastore {
  const { env } = world;
  requireKubeconfig(conf, env);
  const api = openApiConnection({
    readAccess: async () => readAccess(await datastoreServer(conf, env), env),
    world,
    log,
  });
  const group = configuredGroup(settingsOf(env)('CALICO_API_GROUP', conf.calicoApiGroup));
  const mark = sha1(`kubernetes ${JSON.stringify(serverMarks(conf, env))}`);
  const [node, endpoints] = [nodeName(conf), [mark]];
  const store = kubernetesDatastore({
    api,
    world,
    node,
    group,
    remembered: group === undefined ? knownGroup(endpoints) : undefined,
    endpoints: { reading: 'written', env },
    labelling: labelledAffinities(mark, node),
  });
  return {
    store,
    api,
    endpoints,
    foundGroup: store.foundGroup,
    where: () => api.access()?.server.origin ?? 'the Kubernetes API server',
  };
}
