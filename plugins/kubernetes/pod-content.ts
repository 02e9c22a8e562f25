import type { EndpointPort } from '../../shared/calico/model.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import type { ContainerPort, Namespace, Pod } from '../../shared/kubernetes/objects.ts';
import { type AddressWish, annotatedAddresses } from './annotated-addresses.ts';
import { floatingIPs, spoofedPrefixes, wantedMac } from './annotated-endpoint.ts';
import { qosOf } from './qos.ts';

type Texts = Readonly<Record<string, string>>;

/** All that a pod and its namespace say about the pod's network. */
export interface PodContent {
  readonly addresses: AddressWish;
  /** undefined: any. */
  readonly mac: string | undefined;
  readonly floatingIPs: readonly string[];
  readonly allowSpoofedSourcePrefixes: readonly string[];
  readonly qosControls: Readonly<Record<string, number | string>>;
  readonly profiles: readonly string[];
  readonly labels: Texts;
  readonly annotations: Texts;
  readonly generateName: string;
  readonly serviceAccountName: string;
  readonly ports: readonly EndpointPort[];
  readonly namespaceLabels: Texts;
  /** What of the annotations was changed or not used, a sentence each. */
  readonly complaints: readonly string[];
}

/** Who the pod is. */
export interface PodName {
  readonly namespace: string;
  readonly pod: string;
}

/** Reads pod and namespace as `policy.type: k8s` wants them read; throws a Failure in Calico's words for annotations that cannot be meant. */
export function podContent(
  conf: Pick<NetConf, 'ipam' | 'featureControl' | 'bandwidthBy'>,
  name: PodName,
  pod: Pod,
  namespace: Namespace,
): PodContent {
  const { annotations } = pod;
  const addresses = annotatedAddresses(conf, pod, namespace);
  const { controls, complaints } = qosOf(annotations, conf.bandwidthBy === 'felix');
  return {
    addresses,
    allowSpoofedSourcePrefixes: spoofedPrefixes(annotations),
    floatingIPs: floatingIPs(annotations, conf),
    mac: wantedMac(annotations),
    qosControls: controls,
    profiles: profilesOf(name.namespace, pod.serviceAccountName),
    labels: pod.labels,
    annotations,
    generateName: pod.generateName,
    serviceAccountName: pod.serviceAccountName,
    ports: pod.ports.flatMap(endpointPort),
    namespaceLabels: namespace.labels,
    complaints,
  };
}

/** The profiles that Calico keeps for a namespace and for a service account (as Calico). */
function profilesOf(namespace: string, serviceAccount: string): readonly string[] {
  return [`kns.${namespace}`, ...(serviceAccount === '' ? [] : [`ksa.${namespace}.${serviceAccount}`])];
}

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

/** Ports that somebody can name or reach from outside (as Calico). */
function endpointPort(port: ContainerPort): readonly EndpointPort[] {
  const { name, containerPort, hostPort, hostIP } = port;
  const protocol = port.protocol.toUpperCase() || 'TCP';
  if (containerPort === 0 || (name === '' && hostPort === 0) || !PROTOCOLS.includes(protocol)) return [];
  return [{ name, protocol, port: containerPort, hostPort, hostIP }];
}
