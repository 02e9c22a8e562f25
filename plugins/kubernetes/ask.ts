import { knowsNamespaces, namespaceLabels } from '../../ipam/call/namespace.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { readAhead } from '../../shared/datastore/read-ahead.ts';
import { type ClientOptions, type Kubernetes, openKubernetes } from '../../shared/kubernetes/client.ts';
import { readApiConfig } from '../../shared/kubernetes/configuration.ts';
import type { Session } from '../call/session.ts';
import { addReads, sharedProfile } from '../decide/add-plan.ts';
import { withPodCidrs } from './host-local.ts';
import { type PodCidrs, podCidrsOf, usesPodCidr } from './pod-cidr.ts';
import { type PodContent, podContent } from './pod-content.ts';

/** What Kubernetes has to say to an ADD. */
export interface Asked {
  /** The configuration with what pod, namespace and node make of its IPAM. */
  readonly conf: NetConf;
  /** Undefined unless `policy.type: k8s` and CNI_ARGS name a pod. */
  readonly pod: PodContent | undefined;
  readonly namespaceLabels: Readonly<Record<string, string>>;
}

/** A session with what Kubernetes has to say to it; etcd is asked what this ADD needs first at the same time.
 * `meanwhile` is called, at most once, while a living API server is about to answer. */
export async function withKubernetes(
  session: Session,
  meanwhile: () => void,
): Promise<{ readonly session: Session; readonly asked: Asked }> {
  const { conf, identity, deadline } = session;
  if (!needsKubernetes(session)) return { session, asked: { conf, pod: undefined, namespaceLabels: {} } };
  const ipam = conf.ipam.type === 'calico-ipam' ? identity : undefined;
  const store = readAhead(session.store, addReads({ identity, profile: sharedProfile(conf), ipam }), deadline);
  const asked = await askKubernetes(session, meanwhile);
  return { session: { ...session, conf: asked.conf, store }, asked };
}

/** Whether an ADD needs anything of Kubernetes at all. */
function needsKubernetes({ conf, identity }: Session): boolean {
  return identity.orchestrator === 'k8s' || (conf.ipam.type === 'calico-ipam' && knowsNamespaces(conf));
}

/** Asks for all that this ADD needs to know, side by side. Throws a CniError in the original's words. */
async function askKubernetes(session: Session, meanwhile: () => void): Promise<Asked> {
  const { conf, identity, args } = session;
  if (identity.orchestrator === 'k8s' && conf.policy.type === 'k8s') return askForPod({ ...session, meanwhile });
  if (identity.orchestrator === 'k8s') {
    // The original makes its client in any case, and fails without a configuration.
    await readApiConfig(conf, session.world.env);
    const cidrs = await withClient(session, (kubernetes) => nodeCidrs(session, kubernetes));
    if (cidrs !== undefined) return { conf: withPodCidrs(conf, cidrs), pod: undefined, namespaceLabels: {} };
  }
  const labels = conf.ipam.type === 'calico-ipam' ? await namespaceLabels(session, args) : {};
  return { conf, pod: undefined, namespaceLabels: labels };
}

function askForPod(session: Session & ClientOptions): Promise<Asked> {
  const { conf, identity } = session;
  return withClient(session, async (kubernetes) => {
    const [namespace, pod, cidrs] = await inOrder([
      kubernetes.namespace(identity.namespace),
      kubernetes.pod(identity.namespace, identity.pod),
      nodeCidrs(session, kubernetes),
    ]);
    const content = podContent(conf, identity, pod, namespace);
    for (const complaint of content.complaints) session.log.warn('Annotation changed or not used', { complaint });
    const wanted = { ...conf, ipam: content.addresses.ipam };
    return {
      conf: cidrs === undefined ? wanted : withPodCidrs(wanted, cidrs),
      pod: content,
      namespaceLabels: namespace.labels,
    };
  });
}

/** As Promise.all, but of several failures the first in the list is told, whichever came first. */
async function inOrder<A, B, C>(work: readonly [Promise<A>, Promise<B>, Promise<C>]): Promise<[A, B, C]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

async function withClient<T>(session: ClientOptions, work: (kubernetes: Kubernetes) => Promise<T>): Promise<T> {
  const kubernetes = openKubernetes(session);
  try {
    return await work(kubernetes);
  } finally {
    kubernetes.close();
  }
}

/** The node's pod networks, when host-local is to use them. */
async function nodeCidrs({ conf, identity }: Session, kubernetes: Kubernetes): Promise<PodCidrs | undefined> {
  if (conf.ipam.type !== 'host-local' || !usesPodCidr(conf.ipam.raw)) return undefined;
  const name = conf.kubernetes.nodeName || identity.node;
  return podCidrsOf(name, (await kubernetes.node(name)).podCIDRs);
}
