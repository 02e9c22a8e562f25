import { requireHandleStorable } from '../../shared/calico/object-name.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { Failure, failure } from '../../shared/error/failure.ts';
import type { Identity } from './identity.ts';

/** Refuses a container that is not a pod, before any work: on this datastore an endpoint is a pod. */
export function requirePod({ orchestrator }: Pick<Identity, 'orchestrator'>): void {
  if (orchestrator === 'k8s') return;
  throw new Failure(
    'invalid environment',
    'CNI_ARGS must name a pod: K8S_POD_NAMESPACE and K8S_POD_NAME are not both set',
    {
      where:
        'datastore_type is kubernetes, where every endpoint is a pod: containers of other runtimes need datastore_type etcdv3, or calico-ipam alone',
    },
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
    'set "policy": {"type": "k8s"} in the network configuration: profiles are namespaces and service accounts on this datastore, which is also meant where neither datastore_type nor etcd_endpoints is set',
  );
}

/** Verbs that are about a container. */
const OF_CONTAINERS = ['ADD', 'DEL', 'CHECK'];

/** Refuses a call that this datastore could not serve, whatever it holds. */
export function requireServable(
  verb: string,
  conf: Pick<NetConf, 'name' | 'policy' | 'ipam'>,
  identity: Pick<Identity, 'orchestrator' | 'handleID'>,
): void {
  if (verb === 'ADD') requirePodPolicy(conf);
  if (OF_CONTAINERS.includes(verb)) requirePod(identity);
  if (verb === 'ADD' && conf.ipam.type === 'calico-ipam') requireHandleStorable(identity.handleID, conf.name);
}

/** The same of a network configuration under which no ADD could be served. */
export function requireAddable(conf: Pick<NetConf, 'name' | 'policy' | 'ipam'>): void {
  requirePodPolicy(conf);
  if (conf.ipam.type === 'calico-ipam') requireHandleStorable(`${conf.name}.0`, conf.name);
}
