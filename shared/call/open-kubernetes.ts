import { sha1 } from '../calico/sha1.ts';
import type { NetConf } from '../cni/netconf.ts';
import { settingsOf } from '../cni/setting.ts';
import { openApiConnection } from '../kubernetes/api-connection.ts';
import { readAccess } from '../kubernetes/credentials.ts';
import { configuredGroup } from '../kubernetes-datastore/api-group.ts';
import { kubernetesDatastore } from '../kubernetes-datastore/datastore.ts';
import { datastoreServer, requireKubeconfig, serverMarks } from '../kubernetes-datastore/server.ts';
import type { Log } from '../log/log.ts';
import type { World } from '../system/world.ts';
import { knownGroup } from './known-stores.ts';
import { labelledAffinities } from './labelled-affinities.ts';
import { nodeName } from './node-name.ts';
import type { OpenDatastore } from './open-datastore.ts';

/** The API server of a configuration; its endpoints are as the plugin wrote them. The caller closes it. */
export function openKubernetesDatastore(conf: NetConf, world: World, log: Log): OpenDatastore {
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
