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

/** Who a call is for, and all names derived from that. */
export interface Identity {
  readonly orchestrator: 'cni' | 'k8s';
  readonly node: string;
  readonly namespace: string;
  readonly containerID: string;
  /** '' without Kubernetes. */
  readonly pod: string;
  /** Third segment of the endpoint's name: the pod's name or the container ID. */
  readonly workload: string;
  /** CNI_IFNAME. */
  readonly endpoint: string;
  readonly endpointName: string;
  /** The common prefix of this workload's endpoint names. */
  readonly endpointPrefix: string;
  readonly hostVeth: string;
  /** The handle that holds the addresses. */
  readonly handleID: string;
  /** The handle ID of early Calico versions; DEL still releases it. */
  readonly legacyHandleID: string;
}

/** A prefix that no stored name has: a workload without a valid name has no endpoints. */
const NOWHERE = '-';

/**
 * Identity from arguments and configuration (as Calico). Does not validate names: DEL must succeed even for names that ADD
 * refuses. `podVeth` is the host end of a pod's pair, '' when CNI_ARGS name no pod.
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
  // A pod needs both.
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

/** Refuses names that are not valid in the datastore, before any work, with the text that Calico gives later. */
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
