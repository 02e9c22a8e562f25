import type { IPNAT, WorkloadEndpoint } from '../calico/model.ts';
import { endpointName } from '../calico/names.ts';
import { type EndpointContent, endpointOf } from '../calico/workload-endpoint.ts';
import { floatingIPs, spoofedPrefixes } from '../kubernetes/pod-annotations.ts';
import { endpointPorts } from '../kubernetes/pod-ports.ts';
import { podProfiles } from '../kubernetes/pod-profiles.ts';
import { qosOf } from '../kubernetes/qos.ts';
import { podVethName } from '../kubernetes/veth-name.ts';
import { bareAddress, type PodObject, shownIPs, Written, writtenIPs } from './pod.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Every pod has exactly one endpoint, for this interface name. */
const ENDPOINT = 'eth0';
/** The only annotation of a pod that its endpoint shows. */
const NETWORK_STATUS = 'k8s.v1.cni.cncf.io/network-status';

/** The name of a pod's endpoint; undefined before the pod is scheduled. */
export function podEndpointName({ nodeName, name }: Pick<PodObject, 'nodeName' | 'name'>): string | undefined {
  if (nodeName === '' || name === '') return undefined;
  return endpointName({ node: nodeName, orchestrator: 'k8s', workload: name, endpoint: ENDPOINT });
}

/** Whether Calico shows a pod as an endpoint. */
export const isNetworked = ({ hostNetwork, nodeName }: Pick<PodObject, 'hostNetwork' | 'nodeName'>): boolean =>
  !hostNetwork && nodeName !== '';

/** The endpoint as Calico shows it. Throws a Failure for invalid annotations and addresses. */
export function shownEndpoint(pod: PodObject, env: Environment): WorkloadEndpoint {
  const { annotations } = pod;
  const addresses = shownIPs(pod);
  const shown = endpoint(pod, env, annotations[Written.containerID] ?? '', {
    addresses,
    ipNATs: nats(addresses, floatingIPs(annotations)),
    ports: endpointPorts(pod.ports),
    allowSpoofedSourcePrefixes: spoofedPrefixes(annotations),
    qosControls: qosOf(annotations, true).controls,
  });
  if (addresses.length > 0) return shown;
  const { ipNetworks: _, ...spec } = shown.spec;
  return { ...shown, spec } as WorkloadEndpoint;
}

/**
 * The endpoint as the plugin has written it. The plugin's own calls use this, as the kubelet may still report the addresses of an
 * earlier sandbox. A pod without addresses written by the plugin belongs to no container.
 */
export function writtenEndpoint(pod: PodObject, env: Environment): WorkloadEndpoint {
  const addresses = writtenIPs(pod).map(bareAddress);
  const containerID = addresses.length === 0 ? '' : (pod.annotations[Written.containerID] ?? '');
  return endpoint(pod, env, containerID, { addresses });
}

function endpoint(
  pod: PodObject,
  env: Environment,
  containerID: string,
  content: Pick<EndpointContent, 'addresses'> & Partial<EndpointContent>,
): WorkloadEndpoint {
  const { namespace, name, labels, generateName, serviceAccountName, uid, creationTimestamp, annotations } = pod;
  const status = annotations[NETWORK_STATUS];
  return endpointOf(
    {
      ...{ orchestrator: 'k8s', node: pod.nodeName, namespace, containerID, pod: name, endpoint: ENDPOINT },
      endpointName: podEndpointName(pod) ?? '',
      hostVeth: podVethName(env, { k8sPodNamespace: namespace, k8sPodName: name }),
    },
    {
      ...content,
      mac: '',
      profiles: podProfiles(namespace, serviceAccountName),
      labels,
      generateName,
      serviceAccountName,
    },
    { uid, creationTimestamp, ...(status === undefined ? {} : { annotations: { [NETWORK_STATUS]: status } }) },
  );
}

/** Maps each floating address to the pod's address of its family, if there is one (as Calico). */
function nats(addresses: readonly string[], floating: readonly string[]): readonly IPNAT[] {
  return floating.flatMap((externalIP) => {
    const internalIP = addresses.findLast((address) => address.includes(':') === externalIP.includes(':'));
    return internalIP === undefined ? [] : [{ internalIP, externalIP }];
  });
}
