import type { Reserved } from '../dataplane/attachment.ts';
import type { AddRequest } from '../decide/add-plan.ts';
import { addRequest, createdBy, requestAsNamed } from '../decide/add-request.ts';
import { birthAt } from '../decide/birth.ts';
import type { CreatedEndpoint } from '../decide/del-plan.ts';
import type { Delegated } from '../decide/result.ts';
import { type Adding, releaseFor } from './adding.ts';
import type { KubernetesGathered } from './gather-kubernetes.ts';
import { reserve } from './reserve.ts';
import type { Session } from './session.ts';

/** An ADD that knows everything its decision needs besides what the datastore holds. */
export interface Gathered extends Adding, KubernetesGathered {
  /** Undefined with Calico's own IPAM. */
  readonly delegated: Delegated | undefined;
}

/** What is asked of the decision. */
export interface Requested {
  readonly request: AddRequest;
  /** Of a dataplane that names the interface itself. */
  readonly reserved: Reserved | undefined;
  /** Registers the release of what a commit makes the datastore hold. */
  readonly releaseOnFailure: () => void;
}

/** What is asked of the decision. A dataplane that names the interface makes it now, for addresses that are reserved first. */
export async function requestFor(gathered: Gathered): Promise<Requested> {
  const { session, wanted, attachment, undo, pod, namespaceLabels, delegated } = gathered;
  const { identity, conf, args, world } = session;
  const now = world.now();
  const facts = {
    ...{ identity, conf, args, pod, namespaceLabels, now },
    birth: birthAt(now, (bytes) => world.random(bytes)),
    delegated: delegated?.addresses,
    mac: pod?.mac ?? wanted.mac,
    // A pod's own name gives its link's: there is no other workload to take it from.
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

/** On the Kubernetes datastore the container alone tells whose an endpoint is: it is the pod, and keeps the pod's uid. */
const createdFor = (
  { datastore }: Session,
  request: AddRequest,
  facts: Parameters<typeof createdBy>[1],
): CreatedEndpoint | undefined => (datastore === 'kubernetes' ? undefined : createdBy(request, facts));
