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
import { type KubernetesDatastore, kubernetesDatastore } from '../kubernetes-datastore/datastore.ts';
import type { EndpointReading } from '../kubernetes-datastore/pod-access.ts';
import { datastoreServer, inlineServer, requireKubeconfig, serverMarks } from '../kubernetes-datastore/server.ts';
import type { Log } from '../log/log.ts';
import { readEndpoint } from '../net/endpoint.ts';
import type { World } from '../system/world.ts';
import { datastoreType } from './datastore-type.ts';
import { knownGroup } from './known-stores.ts';
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

/** Where an API server with Calico's data is, and who asks. */
export interface KubernetesTarget {
  readonly conf: Pick<NetConf, 'kubernetes' | 'policy' | 'calicoApiGroup'>;
  /** A kubeconfig's text, used instead of files. */
  readonly inline?: string;
  /** Settings that are not in `conf`. */
  readonly env: World['env'];
  /** The node that owns the blocks that are written; '' for none. */
  readonly node: string;
  readonly endpoints: EndpointReading;
}

/** A datastore in the Kubernetes API that has not been connected to yet. */
export interface OpenKubernetesDatastore extends OpenDatastore {
  readonly api: ApiConnection;
  readonly store: KubernetesDatastore;
}

/** The API server of a configuration; its endpoints are as the plugin wrote them. */
const openKubernetesDatastore = (conf: NetConf, world: World, log: Log): OpenDatastore =>
  openKubernetesTarget({ conf, env: world.env, node: nodeName(conf), endpoints: 'written' }, world, log);

/** An API server. Throws a Failure when its configuration is wrong. The caller closes it. */
export function openKubernetesTarget(target: KubernetesTarget, world: World, log: Log): OpenKubernetesDatastore {
  const { conf, env, inline, node } = target;
  if (inline === undefined) requireKubeconfig(conf, env);
  const server = () => (inline === undefined ? datastoreServer(conf, env) : inlineServer(inline));
  const api = openApiConnection({ readAccess: async () => readAccess(await server(), world.env), world, log });
  const group = configuredGroup(settingsOf(env)('CALICO_API_GROUP', conf.calicoApiGroup));
  const endpoints = [sha1(`kubernetes ${JSON.stringify(serverMarks(conf, env))}`)];
  const store = kubernetesDatastore({
    api,
    world,
    node,
    group,
    remembered: group === undefined ? knownGroup(endpoints) : undefined,
    endpoints: { reading: target.endpoints, env },
  });
  return {
    store,
    api,
    endpoints,
    foundGroup: store.foundGroup,
    where: () => api.access()?.server.origin ?? 'the Kubernetes API server',
  };
}
