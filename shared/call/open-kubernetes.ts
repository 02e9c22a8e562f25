import { sha1 } from '../bytes/hash.ts';
import type { NetConf } from '../cni/netconf.ts';
import { settingsOf } from '../cni/setting.ts';
import { type ApiConnection, openApiConnection } from '../kubernetes/api-connection.ts';
import { readAccess } from '../kubernetes/credentials.ts';
import type { PluginRuns } from '../kubernetes/exec-plugin.ts';
import { configuredGroup } from '../kubernetes-datastore/api-group.ts';
import { type KubernetesDatastore, kubernetesDatastore } from '../kubernetes-datastore/datastore.ts';
import type { EndpointReading } from '../kubernetes-datastore/pod-access.ts';
import { datastoreServer, inlineServer, requireKubeconfig, serverMarks } from '../kubernetes-datastore/server.ts';
import type { Log } from '../log/log.ts';
import type { World } from '../system/world.ts';
import { knownGroup } from './known-stores.ts';
import { labelledAffinities } from './labelled-affinities.ts';
import type { OpenDatastore } from './open-datastore.ts';

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
  /** How credential plugins of the kubeconfig are run; unattended if not given. */
  readonly plugins?: PluginRuns;
}

/** A datastore in the Kubernetes API that has not been connected to yet. */
export interface OpenKubernetesDatastore extends OpenDatastore {
  readonly api: ApiConnection;
  readonly store: KubernetesDatastore;
}

/** The API server of a configuration; its endpoints are as the plugin wrote them. The caller closes it. */
export const openKubernetesDatastore = (conf: NetConf, node: string, world: World, log: Log): OpenDatastore =>
  openKubernetesTarget({ conf, env: world.env, node, endpoints: 'written' }, world, log);

/** An API server. Throws a Failure when its configuration is wrong. The caller closes it. */
export function openKubernetesTarget(target: KubernetesTarget, world: World, log: Log): OpenKubernetesDatastore {
  const { conf, env, inline, node, plugins } = target;
  if (inline === undefined) requireKubeconfig(conf, env);
  const server = () => (inline === undefined ? datastoreServer(conf, env) : inlineServer(inline));
  const api = openApiConnection({ readAccess: async () => readAccess(await server(), world.env, plugins), world, log });
  const group = configuredGroup(settingsOf(env)('CALICO_API_GROUP', conf.calicoApiGroup));
  const mark = sha1(`kubernetes ${JSON.stringify(serverMarks(conf, env))}`);
  const endpoints = [mark];
  const store = kubernetesDatastore({
    api,
    world,
    node,
    group,
    remembered: group === undefined ? knownGroup(endpoints) : undefined,
    endpoints: { reading: target.endpoints, env },
    ...(node === '' ? {} : { labelling: labelledAffinities(mark, node) }),
  });
  return {
    store,
    api,
    endpoints,
    foundGroup: store.foundGroup,
    where: () => api.access()?.server.origin ?? 'the Kubernetes API server',
  };
}
