import { say } from '../../build/say.ts';
import { tools } from '../../build/tools.ts';
import { startKubernetes } from '../support/kubernetes.ts';
import { createNamespace, createPod, podArgs, podConf, writeKubeconfig } from '../support/pods.ts';
import { ours } from './contestants.ts';
import type { Line } from './figures.ts';
import { type Contestant, race } from './race.ts';
import { netnsOf, type Stage, withCluster } from './stage.ts';

const POD = { namespace: 'prod', pod: 'web-0' };

/** A pod known to a real API server, compared with a container that needs no API request. */
export async function measureKubernetes(stage: Stage): Promise<readonly Line[]> {
  if (tools().kubeApiserver === undefined) {
    say('Not measured: the Kubernetes API server cannot be built here');
    return [];
  }
  return withCluster(stage, async (etcd) => {
    const kubernetes = await startKubernetes(stage.host);
    try {
      await createNamespace(kubernetes, POD.namespace);
      await createPod(kubernetes, POD, { labels: { app: 'web' } }, { serviceAccountName: 'web' });
      const kubeconfig = writeKubeconfig(stage, kubernetes);
      const plain = ours({ name: 'calico, no Kubernetes', etcd, netns: await netnsOf(stage, 'ours') });
      const changes = () => podConf({ kubernetes: { kubeconfig }, etcd_endpoints: etcd.endpoint });
      const told = ours({
        name: 'calico, a pod',
        etcd,
        netns: await netnsOf(stage, 'pod'),
        changes,
        against: plain.name,
      });
      const pod: Contestant = {
        ...told,
        call: (command, container) => ({ ...told.call(command, container), args: podArgs(POD) }),
      };
      return await race({ ...stage, contestants: [pod, plain], commands: ['ADD', 'DEL'] });
    } finally {
      await kubernetes.stop();
    }
  });
}
