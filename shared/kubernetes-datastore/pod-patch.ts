import { asObject } from '../calico/stored.ts';
import { Failure } from '../error/failure.ts';
import { type PodObject, Written } from './pod.ts';
import type { ApiObject, ApiRequest, Verdict, WriteRequest } from './resource-access.ts';

/** The plugin may change annotations by way of a pod's status, and nothing else. */
const CONTENT_TYPE = 'application/strategic-merge-patch+json';
const GONE = 404;
const CONFLICT = 409;
const INVALID = 422;

/**
 * Writes an endpoint's container and addresses on its pod. Bound to the pod that was read, not to its version: the kubelet
 * writes the status at the same time.
 */
export function publishing(request: ApiRequest, next: string, pod: PodObject | undefined): WriteRequest {
  if (pod === undefined) throw podGone(request);
  const { containerID = '', ipNetworks = [] } = (JSON.parse(next) as StoredSpec).spec ?? {};
  const annotations = {
    ...(containerID === '' ? {} : { [Written.containerID]: containerID }),
    ...(ipNetworks.length === 0 ? {} : { [Written.podIP]: ipNetworks[0], [Written.podIPs]: ipNetworks.join(',') }),
  };
  return {
    ...patch(request, { annotations, uid: pod.uid }),
    verdict: published,
  };
}

/** A pod that is gone, or replaced, cannot be published: the ADD fails. */
const published = (status: number, _: string, details: ApiObject): Verdict | undefined =>
  status === GONE || (status === INVALID && names(details, 'metadata.uid')) ? 'refused' : undefined;

interface StoredSpec {
  readonly spec?: { readonly containerID?: string; readonly ipNetworks?: readonly string[] };
}

/**
 * Takes the addresses back, of this very pod as it was read. The container stays named, so that a repeated DEL knows its own.
 * Nothing to do where there is nothing to take back.
 */
export function retracting(request: ApiRequest, pod: PodObject): readonly WriteRequest[] {
  const { annotations, reportedIPs, uid, resourceVersion } = pod;
  const written = [annotations[Written.podIP], annotations[Written.podIPs]];
  const isTakenBack = written.every((text) => text === '');
  const isUntouched = written.every((text) => text === undefined) && reportedIPs.length === 0;
  if (isTakenBack || isUntouched) return [];
  const emptied = { [Written.podIP]: '', [Written.podIPs]: '' };
  return [{ ...patch(request, { annotations: emptied, resourceVersion, uid }), verdict: retracted }];
}

/** A pod that is gone, or replaced, says nothing any more. */
function retracted(status: number, _: string, details: ApiObject): Verdict | undefined {
  if (status === GONE) return 'in';
  if (status === CONFLICT) return 'lost';
  return status === INVALID && (names(details, 'metadata.uid') || names(details, 'metadata.resourceVersion'))
    ? 'lost'
    : undefined;
}

/** Whether a refusal is about this field. */
function names(details: ApiObject, field: string): boolean {
  const causes = Array.isArray(details['causes']) ? details['causes'] : [];
  return causes.some((cause) => asObject(cause)?.['field'] === field);
}

const patch = (request: ApiRequest, metadata: object): WriteRequest => ({
  asked: { ...request.asked, verb: 'patch', resource: 'pods/status' },
  method: 'PATCH',
  path: `${request.path}/status`,
  body: JSON.stringify({ metadata }),
  contentType: CONTENT_TYPE,
});

/** Nothing says that the pod is this node's: it is gone, not scheduled, or another's. */
const podGone = ({ asked }: ApiRequest): Failure =>
  new Failure('datastore refuses', `pods ${JSON.stringify(asked.name)} not found on this node`, {
    where: `The Kubernetes API has no pod ${asked.namespace}/${asked.name} that is assigned to the node of this call`,
    remedy: 'nodename must be the name of the Kubernetes node',
  });
