import { say } from '../../build/say.ts';
import { tools } from '../../build/tools.ts';
import { startKubernetes } from '../support/kubernetes/api-server.ts';
import { createNamespace, createPod, podArgs, podConf, writeKubeconfig } from '../support/kubernetes/pods.ts';
import { ours } from './contestants.ts';
import type { Line } from './figures.ts';
import { withoutHints } from './hints.ts';
import { furnishDatastore, inKubernetes, measureFirst } from './kubernetes-datastore.ts';
import { type Contestant, race } from './race.ts';
import { netnsOf, OTHER_NODE, type Stage, withCluster } from './stage.ts';

const POD = { namespace: 'prod', pod: 'web-0' };
/** Its twin: the same pod twice would be one interface twice. */
const STORED_POD = { namespace: 'prod', pod: 'web-1' };
/** On the other node. */
const UNHINTED_POD = { namespace: 'prod', pod: 'web-2' };

/**
 * A pod known to a real API server, compared with a container that needs no API request, and with the same pod where all
 * data is in the Kubernetes API.
 */
export async function measureKubernetes(stage: Stage): Promise<readonly Line[]> {
  if (tools().kubeApiserver === undefined) {
    say('Not measured: the Kubernetes API server cannot be built here');
    return [];
  }
  return withCluster(stage, async (etcd) => {
    const kubernetes = await startKubernetes(stage.host, { audit: true });
    try {
      await createNamespace(kubernetes, POD.namespace);
      for (const pod of [POD, STORED_POD]) {
        await createPod(kubernetes, pod, { labels: { app: 'web' } }, { serviceAccountName: 'web' });
      }
      const there = { serviceAccountName: 'web', nodeName: OTHER_NODE };
      await createPod(kubernetes, UNHINTED_POD, { labels: { app: 'web' } }, there);
      const kubeconfig = writeKubeconfig(stage, kubernetes);
      await furnishDatastore(kubernetes);
      const plain = ours({ name: 'calico, no Kubernetes', etcd, netns: await netnsOf(stage, 'ours') });
      const changes = () => podConf({ kubernetes: { kubeconfig }, etcd_endpoints: etcd.endpoint });
      const networked = ours({
        name: 'calico, a pod',
        etcd,
        netns: await netnsOf(stage, 'pod'),
        changes,
        against: plain.name,
      });
      const pod: Contestant = {
        ...networked,
        call: (command, container) => ({ ...networked.call(command, container), args: podArgs(POD) }),
      };
      const stored = inKubernetes(stage, { pod: STORED_POD, netns: await netnsOf(stage, 'stored'), against: pod.name });
      const other = { pod: UNHINTED_POD, netns: await netnsOf(stage, 'unhinted'), against: stored.name };
      const named = { ...inKubernetes(stage, other), name: `${stored.name}, no hint` };
      const unhinted = withoutHints(stage.host, named, OTHER_NODE);
      const contestants = [pod, plain, stored, unhinted];
      const lines = await race({ ...stage, contestants, commands: ['ADD', 'DEL'] });
      return [...lines, await measureFirst(stage, kubernetes, stored, `ADD ${pod.name}`)];
    } finally {
      await kubernetes.stop();
    }
  });
}
