import { containerOf } from '../../ipam/block/handle-id.ts';
import type { AddressHolder } from '../../ipam/block/holder.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import type { PodOwner } from '../../shared/kubernetes/objects.ts';
import type { HostEnd } from '../dataplane/attachment.ts';
import { stored } from './find-endpoint.ts';
import type { Identity } from './identity.ts';
import { endpointsOnNode } from './node-endpoints.ts';

/** An address of a container of this node that may be gone. */
export interface Suspect extends HostEnd {
  readonly containerID: string;
  readonly holder: AddressHolder;
  readonly assignedAt: bigint;
  /** The container's, for the release of what it had. */
  readonly identity: Identity;
}

/** Longer than any ADD takes: a younger address may be of one that has not made its interface yet. */
const SETTLED_NS = 120_000_000_000n;

/** Those of the holders whose container could be gone: of this node and network, and not assigned just now. */
export function suspectsAmong(
  holders: readonly AddressHolder[],
  { network, node, now }: { readonly network: string; readonly node: string; readonly now: bigint },
  identityOf: (containerID: string, holder: AddressHolder) => Identity,
): readonly Suspect[] {
  return holders.flatMap((holder) => {
    const { handleID, node: its, assignedAt, address } = holder;
    const containerID = handleID === undefined ? undefined : containerOf(handleID, network);
    if (containerID === undefined || its !== node || assignedAt === undefined || assignedAt > now - SETTLED_NS)
      return [];
    const identity = identityOf(containerID, holder);
    return { address, hostName: identity.hostVeth, containerID, holder, assignedAt, identity };
  });
}

/** Whether the holder's pod is gone, from whose the pod's name is at present: nobody's, or that of a pod created after the assignment. */
export function isPodGone({ containerID, assignedAt }: Suspect, owner: PodOwner | undefined): boolean {
  if (owner === undefined) return true;
  return owner.containerID !== containerID && owner.createdAt > assignedAt;
}

/** Whether the suspect is an earlier container of the pod that is being added: kubelet has stopped it before. */
export const isOwnPods = ({ holder }: Suspect, { orchestrator, namespace, pod }: Identity): boolean =>
  orchestrator === 'k8s' && holder.namespace === namespace && holder.pod === pod;

/**
 * Whether a container that is not a pod's is of another network by now: its endpoint says so, and does not have the address. Without
 * an endpoint nothing is known.
 */
export function* isAnotherNetworks(
  { containerID, address, identity }: Suspect,
  network: string,
): Plan<Outcome<boolean>> {
  const others = (yield* endpointsOnNode(identity.node)).filter(
    ({ name }) => name.orchestrator === 'cni' && name.workload === containerID,
  );
  const specs = others.map(({ entry }) => stored(entry).endpoint.spec);
  const isOthers = specs.every(
    ({ profiles = [], ipNetworks = [] }) =>
      profiles[0] !== network && ipNetworks.every((text) => text.split('/')[0] !== address),
  );
  return { changes: [], answer: specs.length > 0 && isOthers };
}
