import { handleOf, legacyHandleOf } from '../../ipam/block/handle-id.ts';
import {
  type EndpointName,
  endpointName,
  endpointPrefix,
  hostVethName,
  requireStorable,
} from '../../shared/calico/names.ts';
import type { CniArgs } from '../../shared/cni/args.ts';
import type { CmdArgs } from '../../shared/cni/environment.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { mesosNamespace } from './mesos-labels.ts';

/** Who asks for an address, and every name that follows from it. */
export interface Identity {
  readonly orchestrator: 'cni' | 'k8s';
  readonly node: string;
  readonly namespace: string;
  readonly containerID: string;
  /** '' without Kubernetes. */
  readonly pod: string;
  /** Third segment of the endpoint's name: the pod, or the container's id. */
  readonly workload: string;
  /** CNI_IFNAME. */
  readonly endpoint: string;
  readonly endpointName: string;
  /** What all endpoints of this workload begin with. */
  readonly endpointPrefix: string;
  readonly hostVeth: string;
  /** Under which addresses are held. */
  readonly handleID: string;
  /** As versions of long ago named the handle: still released on DEL. */
  readonly legacyHandleID: string;
}

/** No stored name begins so: where a workload cannot be named, nothing of it can be found. */
const NOWHERE = '-';

/**
 * Identity from arguments and configuration (as Calico). Judges no names: a DEL has to succeed for what no ADD could make.
 * `podVeth` is the host's end of a pod's pair, '' where CNI_ARGS name no pod.
 */
export function identify(
  conf: NetConf,
  cmd: Pick<CmdArgs, 'containerID' | 'ifName'>,
  args: CniArgs,
  node: string,
  podVeth: string,
): Identity {
  const { containerID, ifName } = cmd;
  const { k8sPodName: pod, k8sPodNamespace: namespace } = args;
  const handles = { handleID: handleOf(conf.name, containerID), legacyHandleID: legacyHandleOf(args, containerID) };
  const common = { node, containerID, endpoint: ifName, ...handles };
  // One of the two alone makes no pod.
  if (pod !== '' && namespace !== '') {
    return {
      ...common,
      ...names({ node, orchestrator: 'k8s', workload: pod, endpoint: ifName }),
      orchestrator: 'k8s',
      namespace,
      pod,
      hostVeth: podVeth,
    };
  }
  return {
    ...common,
    ...names({ node, orchestrator: 'cni', workload: containerID, endpoint: ifName }),
    orchestrator: 'cni',
    namespace: mesosNamespace(conf) || args.testNamespace || 'default',
    pod: '',
    hostVeth: hostVethName(containerID),
  };
}

function names(name: EndpointName): Pick<Identity, 'workload' | 'endpointName' | 'endpointPrefix'> {
  return {
    workload: name.workload,
    endpointName: named(() => endpointName(name)),
    endpointPrefix: named(() => endpointPrefix(name)),
  };
}

/** Refuses names that the datastore could not hold, before any work, in the words the original has for them after it (as Calico). */
export function requireNames(
  identity: Identity,
  profiles: readonly string[],
  labels: Readonly<Record<string, string>> = {},
): void {
  endpointPrefix(identity);
  endpointName(identity);
  requireStorable(identity, profiles, { ...labels, 'projectcalico.org/namespace': identity.namespace });
}

function named(make: () => string): string {
  try {
    return make();
  } catch {
    return NOWHERE;
  }
}
