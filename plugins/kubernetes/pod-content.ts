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

/** Reads pod and namespace for `policy.type: k8s`. Throws a Failure in Calico's words for invalid annotations. */
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
