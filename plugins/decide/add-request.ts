import { assignRequest } from '../../ipam/allocate/assign-request.ts';
import type { AssignRequest } from '../../ipam/allocate/request.ts';
import type { VirtualMachine } from '../../ipam/config/virtual-machine.ts';
import { ordinalOfPod } from '../../ipam/group/ordinal.ts';
import type { CniArgs } from '../../shared/cni/args.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { qosControlsOf } from '../../shared/kubernetes/qos.ts';
import type { MadePair } from '../dataplane/attachment.ts';
import type { PodContent } from '../kubernetes/pod-content.ts';
import { type AddRequest, sharedProfile } from './add-decision.ts';
import type { Birth } from './birth.ts';
import type { CreatedEndpoint } from './del-decision.ts';
import type { EndpointContent } from './endpoint.ts';
import type { Identity } from './identity.ts';
import { mesosLabels } from './mesos-labels.ts';
import { endpointAddresses } from './result.ts';

/** Everything that an ADD knows before it decides. */
export interface AddFacts {
  readonly identity: Identity;
  /** The NetConf with the IPAM settings of pod, namespace and node applied. */
  readonly conf: NetConf;
  readonly args: CniArgs;
  /** The virtual machine that the pod runs. */
  readonly machine?: VirtualMachine | undefined;
  /** Undefined unless `policy.type: k8s` and CNI_ARGS name a pod. */
  readonly pod: PodContent | undefined;
  readonly namespaceLabels: Readonly<Record<string, string>>;
  /** Addresses from another IPAM plugin. */
  readonly delegated: readonly string[] | undefined;
  /** The container end's. */
  readonly mac: string;
  readonly hostVethTaken: boolean;
  readonly birth: Birth;
  /** Nanoseconds since 1970. */
  readonly now: bigint;
}

/** Builds the input of this ADD's decision. */
export function addRequest(facts: AddFacts): AddRequest {
  const { identity, conf, pod, mac, birth, hostVethTaken } = facts;
  const given = facts.delegated ?? unmanagedAddresses(pod);
  return {
    identity,
    content: { ...contentOf(facts), addresses: given ?? [], mac },
    birth,
    profile: sharedProfile(conf),
    ipam: given === undefined ? ipamRequest(facts) : undefined,
    ownAddresses: given === undefined && hasOwnAddresses(pod),
    floatingIPs: pod?.floatingIPs ?? [],
    hostVethTaken,
  };
}

/** The same after a dataplane has made the interface for reserved addresses. */
export function requestAsNamed(request: AddRequest, { hostName, mac, reserved }: MadePair): AddRequest {
  const addresses = endpointAddresses(reserved.endpoint).map(({ address }) => address);
  return {
    ...request,
    identity: { ...request.identity, hostVeth: hostName },
    content: { ...request.content, addresses, mac },
    ipam: undefined,
    isNamedByDataplane: true,
    reservedUnder: request.ipam === undefined || reserved.isOld ? undefined : request.ipam.handleID,
  };
}

/** How a failed ADD recognises its own endpoint. */
export function createdBy({ birth, content }: AddRequest, { args, conf, pod }: AddFacts): CreatedEndpoint {
  const wasAskedFor = (pod?.mac ?? '') !== '' || args.mac !== '' || (conf.runtimeConfig.mac ?? '') !== '';
  return { uid: birth.uid, mac: wasAskedFor ? '' : content.mac };
}

/** The endpoint's content: the pod's, or the defaults of a container that is not a pod. */
function contentOf({ conf, identity, pod }: AddFacts): Omit<EndpointContent, 'addresses' | 'mac'> {
  const qosControls = qosControlsOf(conf.runtimeConfig.bandwidth, pod?.qosControls);
  if (pod !== undefined) return { ...pod, qosControls };
  return { profiles: [conf.name], labels: ownLabels({ conf, identity }), qosControls };
}

/** The labels of a container that is not a pod. */
export const ownLabels = ({ conf, identity }: Pick<AddFacts, 'conf' | 'identity'>): Readonly<Record<string, string>> =>
  identity.orchestrator === 'cni' ? mesosLabels(conf) : {};

const hasOwnAddresses = (pod: PodContent | undefined): boolean =>
  pod !== undefined && (pod.addresses.fixed.length > 0 || pod.addresses.group !== undefined);

function unmanagedAddresses(pod: PodContent | undefined): readonly string[] | undefined {
  return pod === undefined || pod.addresses.unmanaged.length === 0 ? undefined : pod.addresses.unmanaged;
}

function ipamRequest({ args, identity, conf, machine, pod, namespaceLabels, now }: AddFacts): AssignRequest {
  const { node, handleID } = identity;
  const request = assignRequest({ conf, args, node, handleID, machine, namespaceLabels, now });
  const { fixed = [], group } = pod?.addresses ?? {};
  // The pod's own wishes replace those of the configuration.
  if (fixed.length > 0) return { ...request, fixed, group: undefined };
  if (group === undefined) return request;
  const ordinal = ordinalOfPod(identity.pod, pod?.labels);
  return { ...request, fixed: [], group: { group, ordinal, last: [] } };
}
