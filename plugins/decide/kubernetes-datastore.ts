import type { NetConf } from '../../shared/cni/netconf.ts';
import { CniError, ErrorCode, failure } from '../../shared/error/error.ts';
import type { Identity } from './identity.ts';

/** What an ADD on the Kubernetes datastore asks of its network configuration and arguments. */
export type AddOnKubernetes = Pick<Identity, 'orchestrator'> & Pick<NetConf, 'policy'>;

/** Refuses a container that is not a pod, before any work: on this datastore an endpoint is a pod. */
export function requirePod({ orchestrator }: Pick<Identity, 'orchestrator'>): void {
  if (orchestrator === 'k8s') return;
  throw new CniError(
    ErrorCode.invalidEnvironment,
    'CNI_ARGS must name a pod: K8S_POD_NAMESPACE and K8S_POD_NAME are not both set',
    'datastore_type is kubernetes, where every endpoint is a pod: containers of other runtimes need datastore_type etcdv3, or calico-ipam alone',
  );
}

/**
 * Refuses a policy.type other than k8s, before any work: profiles are namespaces and service accounts here, and no ADD can make
 * others (the original fails when all is done, and leaves the released address on the pod).
 */
export function requirePodPolicy({ policy }: Pick<NetConf, 'policy'>): void {
  if (policy.type === 'k8s') return;
  throw failure(
    `policy.type must be k8s with datastore_type kubernetes, not ${JSON.stringify(policy.type)}`,
    'set "policy": {"type": "k8s"} in the network configuration: profiles are namespaces and service accounts on this datastore',
  );
}

/** All that an ADD must fulfil on this datastore, whatever it holds. */
export function requireServable(add: AddOnKubernetes): void {
  requirePodPolicy(add);
  requirePod(add);
}
