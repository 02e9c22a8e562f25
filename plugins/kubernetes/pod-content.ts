import type { EndpointPort } from '../../shared/calico/model.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import type { ContainerPort, Namespace, Pod } from '../../shared/kubernetes/objects.ts';
import { type AddressWish, annotatedAddresses } from './annotated-addresses.ts';
import { floatingIPs, spoofedPrefixes, wantedMac } from './annotated-endpoint.ts';
import { qosOf } from './qos.ts';

type Texts = Readonly<Record<string, string>>;

/** Everything a pod and its namespace say about the pod's network. */
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
  /** Annotations that were adjusted or ignored, one sentence each. */
  readonly complaints: readonly string[];
}

/** Identifies the pod. */
export interface PodName {
  readonly namespace: string;
  readonly pod: string;
}

/** Reads pod and namespace for `policy.type: k8s`. Throws code 999 in Calico's words for invalid annotations. */
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

/** The profiles that Calico keeps for a namespace and a service account (as Calico). */
function profilesOf(namespace: string, serviceAccount: string): readonly string[] {
  return [`kns.${namespace}`, ...(serviceAccount === '' ? [] : [`ksa.${namespace}.${serviceAccount}`])];
}

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

/** Ports that have a name or are reachable from outside (as Calico). */
function endpointPort(port: ContainerPort): readonly EndpointPort[] {
  const { name, containerPort, hostPort, hostIP } = port;
  const protocol = port.protocol.toUpperCase() || 'TCP';
  if (containerPort === 0 || (name === '' && hostPort === 0) || !PROTOCOLS.includes(protocol)) return [];
  return [{ name, protocol, port: containerPort, hostPort, hostIP }];
}
