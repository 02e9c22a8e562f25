import type { Reserved } from '../dataplane/attachment.ts';
import type { AddRequest } from '../decide/add-decision.ts';
import { addRequest, createdBy, requestAsNamed } from '../decide/add-request.ts';
import { birthAt } from '../decide/birth.ts';
import type { CreatedEndpoint } from '../decide/del-decision.ts';
import type { Delegated } from '../decide/result.ts';
import { type Adding, releaseFor } from './adding.ts';
import type { KubernetesGathered } from './gather-kubernetes.ts';
import { reserve } from './reserve.ts';
import type { Session } from './session.ts';

/** An ADD with everything that its decision needs, except what the datastore holds. */
export interface Gathered extends Adding, KubernetesGathered {
  /** Undefined with Calico's own IPAM. */
  readonly delegated: Delegated | undefined;
}

/** The input of the decision. */
export interface Requested {
  readonly request: AddRequest;
  /** Only for a dataplane that names the interface itself. */
  readonly reserved: Reserved | undefined;
  /** Registers the release of what the commit writes. */
  readonly releaseOnFailure: () => void;
}

/** Builds the input of the decision. A dataplane that names the interface makes it now, after addresses are reserved. */
export async function requestFor(gathered: Gathered): Promise<Requested> {
  const { session, wanted, attachment, undo, pod, namespaceLabels, delegated } = gathered;
  const { identity, conf, args, world, machine } = session;
  const now = world.now();
  const facts = {
    ...{ identity, conf, args, machine, pod, namespaceLabels, now },
    birth: birthAt(now, (bytes) => world.random(bytes)),
    delegated: delegated?.addresses,
    mac: pod?.mac ?? wanted.mac,
    // On Kubernetes the link's name comes from the pod's name: no other workload can have it.
    hostVethTaken: session.datastore === 'etcdv3' && attachment.isNameTaken,
  };
  const request = addRequest(facts);
  const releaseOnFailure = releaseFor(session, undo, createdFor(session, request, facts));
  const annotations = pod?.annotations ?? {};
  const named = await attachment.makeNamed(() =>
    reserve(session, { request, delegated, annotations, beforeCommit: releaseOnFailure }),
  );
  if (named === undefined) return { request, reserved: undefined, releaseOnFailure };
  return { request: requestAsNamed(request, named), reserved: named.reserved, releaseOnFailure };
}

/** On the Kubernetes datastore an endpoint is a pod and keeps the pod's uid: only the container identifies its owner. */
const createdFor = (
  { datastore }: Session,
  request: AddRequest,
  facts: Parameters<typeof createdBy>[1],
): CreatedEndpoint | undefined => (datastore === 'kubernetes' ? undefined : createdBy(request, facts));
