import { endpointsOf, get, type Query } from '../../shared/datastore/query.ts';
import { CLUSTER_INFORMATION } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { requireReady } from './cluster.ts';
import { findEndpoint, type StoredEndpoint } from './find-endpoint.ts';
import type { Identity } from './identity.ts';

/** The queries for the datastore's readiness and a workload's endpoints. */
export function endpointReads(identity: Identity): readonly Query[] {
  return [get(CLUSTER_INFORMATION), endpointsOf(identity.namespace, identity.endpointPrefix)];
}

/** Looks up this container's endpoint. Changes nothing. */
export function* existingEndpoint(identity: Identity): Plan<Outcome<StoredEndpoint | undefined>> {
  const view = yield endpointReads(identity);
  requireReady(view);
  const found = findEndpoint(view, identity);
  return { changes: [], answer: found !== undefined && isSameContainer(found, identity) ? found : undefined };
}

/** Whether the endpoint belongs to this container. With Kubernetes a new sandbox takes over the pod's endpoint. */
export function isSameContainer(found: StoredEndpoint, identity: Identity): boolean {
  return found.endpoint.spec.containerID === identity.containerID;
}
