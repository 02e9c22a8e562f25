import { endpointsOf, get, type Query } from '../../shared/datastore/query.ts';
import { CLUSTER_INFORMATION } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { requireReady } from './cluster.ts';
import { findEndpoint, type StoredEndpoint } from './find-endpoint.ts';
import type { Identity } from './identity.ts';

/** What tells whether the datastore is ready and which endpoint a workload has. */
export function endpointReads(identity: Identity): readonly Query[] {
  return [get(CLUSTER_INFORMATION), endpointsOf(identity.namespace, identity.endpointPrefix)];
}

/** Looks up the endpoint of this very container and changes nothing. */
export function* existingEndpoint(identity: Identity): Plan<Outcome<StoredEndpoint | undefined>> {
  const view = yield endpointReads(identity);
  requireReady(view);
  const found = findEndpoint(view, identity);
  return { changes: [], answer: found !== undefined && isSameContainer(found, identity) ? found : undefined };
}

/** Whether the endpoint found belongs to the container that asks: in Kubernetes mode a new sandbox takes the pod's over. */
export function isSameContainer(found: StoredEndpoint, identity: Identity): boolean {
  return found.endpoint.spec.containerID === identity.containerID;
}
