import { requireHandleStorable } from '../../shared/calico/object-name.ts';
import { requireIpamOn } from '../../shared/call/ipam-switch.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { Failure, failure } from '../../shared/error/failure.ts';
import type { Identity } from './identity.ts';

/** Refuses a container that is not a pod, before any work: on the Kubernetes datastore an endpoint is a pod. */
export function requirePod({ orchestrator }: Pick<Identity, 'orchestrator'>): void {
  if (orchestrator === 'k8s') return;
  throw new Failure('invalid environment', 'CNI_ARGS must name a pod: set both K8S_POD_NAMESPACE and K8S_POD_NAME', {
    where:
      'with datastore_type kubernetes every endpoint is a pod: for other containers use datastore_type etcdv3, or only calico-ipam',
  });
}

/**
 * Refuses a policy.type other than k8s, before any work: profiles are namespaces and service accounts here, and ADD cannot create
 * others (Calico fails at the end of the ADD, and leaves the released address on the pod).
 */
export function requirePodPolicy({ policy }: Pick<NetConf, 'policy'>): void {
  if (policy.type === 'k8s') return;
  throw failure(
    `policy.type must be k8s with datastore_type kubernetes, not ${JSON.stringify(policy.type)}`,
    'set "policy": {"type": "k8s"} in the network configuration: profiles are namespaces and service accounts on this datastore, which is the default when neither datastore_type nor etcd_endpoints is set',
  );
}

/** Verbs that have a container. */
const OF_CONTAINERS = ['ADD', 'DEL', 'CHECK'];

type Environment = Readonly<Record<string, string | undefined>>;

/** Refuses a call that the Kubernetes datastore cannot serve, whatever it holds. */
export function requireServable(
  env: Environment,
  conf: Pick<NetConf, 'name' | 'policy' | 'ipam'>,
  identity: Pick<Identity, 'orchestrator' | 'handleID'>,
): void {
  const verb = env['CNI_COMMAND'] ?? '';
  if (verb === 'ADD') requirePodPolicy(conf);
  if (OF_CONTAINERS.includes(verb)) requirePod(identity);
  if (verb === 'ADD') requireIpam(env, conf, identity.handleID);
}

/** Refuses a network configuration with which every ADD would fail. */
export function requireAddable(env: Environment, conf: Pick<NetConf, 'name' | 'policy' | 'ipam'>): void {
  requirePodPolicy(conf);
  requireIpam(env, conf, `${conf.name}.0`);
}

function requireIpam(env: Environment, { name, ipam }: Pick<NetConf, 'name' | 'ipam'>, handleID: string): void {
  if (ipam.type !== 'calico-ipam') return;
  requireIpamOn(env);
  requireHandleStorable(handleID, name);
}
