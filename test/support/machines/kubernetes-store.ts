import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Host } from '../host/host.ts';
import { ADMIN_TOKEN, type Kubernetes, PORT, startKubernetes } from '../kubernetes/api-server.ts';
import { createNamespace, createPod, podArgs, writeKubeconfig } from '../kubernetes/pods.ts';
import { defineOtherKinds } from '../kubernetes-datastore/other-kinds.ts';
import { grantRights } from '../kubernetes-datastore/plugin-rights.ts';
import type { Conf } from '../stored/cluster.ts';
import type { MachineStore } from './machine-store.ts';
import { DATASTORE_ADDRESS } from './wires.ts';

const KUBECONFIG = '/etc/calico/kubeconfig';
const CA = '/etc/calico/ca.crt';

/** A real API server on the router, with every kind that calico-install prints. */
export async function kubernetesStore(router: Host): Promise<MachineStore> {
  const kubernetes = await startKubernetes(router, { address: DATASTORE_ADDRESS });
  await defineOtherKinds(kubernetes.ask, 'crd.projectcalico.org');
  await grantRights(kubernetes.ask);
  await createNamespace(kubernetes, 'prod');
  const authority = readFileSync(router.file(kubernetes.ca), 'utf8');
  return {
    name: 'kubernetes',
    furnish: (host) => {
      mkdirSync(host.file('/etc/calico'), { recursive: true });
      writeFileSync(host.file(CA), authority);
      writeKubeconfig({ host }, { url: `https://${DATASTORE_ADDRESS}:${PORT}`, ca: CA }, ADMIN_TOKEN, KUBECONFIG);
      return { DATASTORE_TYPE: 'kubernetes', KUBECONFIG };
    },
    conf: confOf,
    ...objectsIn(kubernetes),
    ...absencesOf(kubernetes),
    close: () => kubernetes.stop(),
  };
}

const confOf = (nodename: string): Conf => ({
  cniVersion: '1.0.0',
  name: 'k8s-pod-network',
  type: 'calico',
  datastore_type: 'kubernetes',
  nodename,
  log_level: 'error',
  policy: { type: 'k8s' },
  kubernetes: { kubeconfig: KUBECONFIG },
  ipam: { type: 'calico-ipam' },
});

function objectsIn(kubernetes: Kubernetes): Pick<MachineStore, 'forPod' | 'addNode' | 'removeNode' | 'addPassword'> {
  let pods = 0;
  return {
    forPod: async (nodeName) => {
      const name = { namespace: 'prod', pod: `web-${++pods}` };
      await createPod(kubernetes, name, {}, { nodeName });
      return { args: podArgs(name) };
    },
    addNode: (name) => kubernetes.create('/api/v1/nodes', { metadata: { name } }),
    removeNode: async (name) => void (await kubernetes.ask('DELETE', `/api/v1/nodes/${name}`)),
    addPassword: (_, name, key, text) => {
      const body = { metadata: { name }, stringData: { [key]: text } };
      return kubernetes.create('/api/v1/namespaces/kube-system/secrets', body);
    },
  };
}

function absencesOf(kubernetes: Kubernetes): Pick<MachineStore, 'leave' | 'comeBack'> {
  let isFrozen = false;
  return {
    leave: async (how) => {
      isFrozen = how === 'frozen';
      if (isFrozen) kubernetes.pause();
      else await kubernetes.kill();
    },
    comeBack: async () => {
      if (isFrozen) kubernetes.resume();
      else await kubernetes.restart();
    },
  };
}
