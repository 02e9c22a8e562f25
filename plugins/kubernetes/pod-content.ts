import type { EndpointPort } from '../../shared/calico/model.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import type { Namespace, Pod } from '../../shared/kubernetes/objects.ts';
import { spoofedPrefixes } from '../../shared/kubernetes/pod-annotations.ts';
import { endpointPorts } from '../../shared/kubernetes/pod-ports.ts';
import { podProfiles } from '../../shared/kubernetes/pod-profiles.ts';
import { qosOf } from '../../shared/kubernetes/qos.ts';
import { type AddressWish, annotatedAddresses } from './annotated-addresses.ts';
import { allowedFloatingIPs, wantedMac } from './annotated-endpoint.ts';

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

/** Reads pod and namespace as `policy.type: k8s` wants them read; throws code 999 in Calico's words for annotations that cannot be meant. */
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
    floatingIPs: allowedFloatingIPs(annotations, conf),
    mac: wantedMac(annotations),
    qosControls: controls,
    profiles: podProfiles(name.namespace, pod.serviceAccountName),
    labels: pod.labels,
    annotations,
    generateName: pod.generateName,
    serviceAccountName: pod.serviceAccountName,
    ports: endpointPorts(pod.ports),
    namespaceLabels: namespace.labels,
    complaints,
  };
}
