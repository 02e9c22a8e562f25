import type { Resource, WorkloadEndpoint } from '../../shared/calico/model.ts';
import { requireLabels } from '../../shared/calico/names.ts';
import { type EndpointContent, endpointOf } from '../../shared/calico/workload-endpoint.ts';
import type { Birth } from './birth.ts';
import type { Identity } from './identity.ts';

export type { EndpointContent };

/** A new or renewed endpoint as the original writes it, which refuses labels that break Kubernetes' rules (as Calico). */
export function workloadEndpoint(identity: Identity, content: EndpointContent, birth: Birth): WorkloadEndpoint {
  const endpoint = endpointOf(identity, content, birth);
  requireLabels(endpoint.metadata.labels ?? {});
  return endpoint;
}

/** The profile of a network, made once by the first ADD where policy.type is not set (as Calico). */
export function networkProfile(name: string, kubernetes: boolean, birth: Birth): Resource<unknown> {
  const ingress = kubernetes ? { action: 'Allow' } : { action: 'Allow', source: { selector: `has(${name})` } };
  return {
    kind: 'Profile',
    apiVersion: 'projectcalico.org/v3',
    metadata: { name, uid: birth.profileUid, creationTimestamp: birth.creationTimestamp },
    spec: { ingress: [ingress], egress: [{ action: 'Allow' }], labelsToApply: { [name]: '' } },
  };
}
