import { knowsNamespaces, namespaceLabels } from '../../ipam/call/namespace.ts';
import type { CniArgs } from '../../shared/cni/args.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import type { ClientOptions, Kubernetes } from '../../shared/kubernetes/client.ts';
import { withPodCidrs } from './host-local.ts';
import { type PodCidrs, podCidrsOf, usesPodCidr } from './pod-cidr.ts';
import { type PodContent, type PodName, podContent } from './pod-content.ts';

/** What an ADD needs to know from Kubernetes. */
export interface KubernetesAnswer {
  /** The configuration, with the pod's, namespace's and node's changes to IPAM. */
  readonly conf: NetConf;
  /** Undefined unless `policy.type: k8s` and CNI_ARGS name a pod. */
  readonly pod: PodContent | undefined;
  readonly namespaceLabels: Readonly<Record<string, string>>;
}

/** The call, and the pod it is for. */
interface Asking extends Omit<ClientOptions, 'conf' | 'meanwhile'> {
  readonly conf: NetConf;
  readonly args: CniArgs;
  readonly identity: PodName & { readonly orchestrator: 'cni' | 'k8s'; readonly node: string };
}

/** Whether an ADD needs anything from Kubernetes. */
export function needsKubernetes({ conf, identity }: Pick<Asking, 'conf' | 'identity'>): boolean {
  return identity.orchestrator === 'k8s' || (conf.ipam.type === 'calico-ipam' && knowsNamespaces(conf));
}

/**
 * Reads everything that this ADD needs, in parallel. `meanwhile` is called at most once, while waiting for a reachable API
 * server. Throws a Failure in the original's words.
 */
export async function askKubernetes(asking: Asking, meanwhile: () => void): Promise<KubernetesAnswer> {
  const { conf, identity, args } = asking;
  if (identity.orchestrator === 'k8s' && conf.policy.type === 'k8s') return askForPod({ ...asking, meanwhile });
  if (identity.orchestrator === 'k8s') {
    // The original always makes its client, and fails without a configuration.
    const { readApiConfig } = await import('../../shared/kubernetes/configuration.ts');
    await readApiConfig(conf, asking.world.env);
    const cidrs = await withClient(asking, (kubernetes) => nodeCidrs(asking, kubernetes));
    if (cidrs !== undefined) return { conf: withPodCidrs(conf, cidrs), pod: undefined, namespaceLabels: {} };
  }
  const labels = conf.ipam.type === 'calico-ipam' ? await namespaceLabels(asking, args) : {};
  return { conf, pod: undefined, namespaceLabels: labels };
}

function askForPod(asking: Asking & ClientOptions): Promise<KubernetesAnswer> {
  const { conf, identity } = asking;
  return withClient(asking, async (kubernetes) => {
    const [namespace, pod, cidrs] = await inOrder([
      kubernetes.namespace(identity.namespace),
      kubernetes.pod(identity.namespace, identity.pod),
      nodeCidrs(asking, kubernetes),
    ]);
    const content = podContent(conf, identity, pod, namespace);
    for (const complaint of content.complaints) asking.log.warn('Annotation adjusted or ignored', { complaint });
    const wanted = { ...conf, ipam: content.addresses.ipam };
    return {
      conf: cidrs === undefined ? wanted : withPodCidrs(wanted, cidrs),
      pod: content,
      namespaceLabels: namespace.labels,
    };
  });
}

/** Like Promise.all, but when several fail, the first in the list is thrown, not the first in time. */
async function inOrder<A, B, C>(work: readonly [Promise<A>, Promise<B>, Promise<C>]): Promise<[A, B, C]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

async function withClient<T>(options: ClientOptions, work: (kubernetes: Kubernetes) => Promise<T>): Promise<T> {
  const { openKubernetes } = await import('../../shared/kubernetes/client.ts');
  const kubernetes = openKubernetes(options);
  try {
    return await work(kubernetes);
  } finally {
    kubernetes.close();
  }
}

/** The node's pod networks, when host-local is to use them. */
async function nodeCidrs({ conf, identity }: Asking, kubernetes: Kubernetes): Promise<PodCidrs | undefined> {
  if (conf.ipam.type !== 'host-local' || !usesPodCidr(conf.ipam.raw)) return undefined;
  const name = conf.kubernetes.nodeName || identity.node;
  return podCidrsOf(name, (await kubernetes.node(name)).podCIDRs);
}
