import { writeFileSync } from 'node:fs';
import type { Bed, CallChanges } from '../bed/bed.ts';
import { type Conf, conf } from '../stored/cluster.ts';
import type { Kubernetes } from './api-server.ts';
import { PLUGIN_TOKEN } from './plugin-user.ts';

/** A pod by its namespace and name. */
export interface PodName {
  readonly namespace: string;
  readonly pod: string;
}

/** Creates a pod's objects as before kubelet sets up its network. It stays Pending, because nothing runs it. */
export async function createPod(
  kubernetes: Kubernetes,
  { namespace, pod }: PodName,
  metadata: object = {},
  spec: object = {},
): Promise<void> {
  const containers = [{ name: 'main', image: 'none' }];
  await kubernetes.create(`/api/v1/namespaces/${namespace}/pods`, {
    metadata: { name: pod, ...metadata },
    spec: { nodeName: 'node1', containers, ...spec },
  });
}

/** Creates pods in the namespace `prod`, each with a new name; `key` is its endpoint's. */
export function podsOf(cluster: { readonly kubernetes: Kubernetes }) {
  let numbered = 0;
  return async (metadata: object = {}, spec: object = {}) => {
    const name = { namespace: 'prod', pod: `web-${++numbered}` };
    await createPod(cluster.kubernetes, name, metadata, spec);
    return { ...name, key: `prod/node1-k8s-web--${numbered}-eth0` };
  };
}

export async function createNamespace(kubernetes: Kubernetes, name: string, metadata: object = {}): Promise<void> {
  await kubernetes.create('/api/v1/namespaces', { metadata: { name, ...metadata } });
}

/** CNI_ARGS as containerd gives them. */
export const podArgs = ({ namespace, pod }: PodName, sandbox = 'abc'): string =>
  `IgnoreUnknown=1;K8S_POD_NAMESPACE=${namespace};K8S_POD_NAME=${pod};K8S_POD_INFRA_CONTAINER_ID=${sandbox};K8S_POD_UID=1`;

const KUBECONFIG = '/run/calico-test/kubeconfig';

/** Writes the kubeconfig of the plugin's user on the machine, as calico/node does: YAML, with a token. */
export function writeKubeconfig(
  { host }: Pick<Bed, 'host'>,
  { url, ca }: Pick<Kubernetes, 'url' | 'ca'>,
  token = PLUGIN_TOKEN,
  path = KUBECONFIG,
): string {
  const lines = [
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    '- name: local',
    '  cluster:',
    `    server: ${url}`,
    `    certificate-authority: ${ca}`,
    'users:',
    '- name: calico',
    '  user:',
    `    token: "${token}"`,
    'contexts:',
    '- name: calico-context',
    '  context:',
    '    cluster: local',
    '    user: calico',
    'current-context: calico-context',
  ];
  writeFileSync(host.file(path), `${lines.join('\n')}\n`);
  return path;
}

/** A network configuration for pods. A key with the value undefined is left out. */
export const podConf = (changes: Conf = {}): Conf =>
  conf({
    name: 'k8s-pod-network',
    cniVersion: '1.0.0',
    policy: { type: 'k8s' },
    kubernetes: { kubeconfig: KUBECONFIG },
    ...changes,
  });

/** What a call for a pod changes, compared with one without Kubernetes. */
export const forPod = (name: PodName, changes: Conf = {}): CallChanges => ({
  args: podArgs(name),
  conf: podConf(changes),
});

/** The same for calls that do not use the API server. */
export const POD: CallChanges = {
  args: podArgs({ namespace: 'prod', pod: 'web-0' }),
  env: { KUBERNETES_MASTER: 'https://127.0.0.1:1' },
};
