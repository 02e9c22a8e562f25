import type { EndpointPort, IPNAT, Metadata, WorkloadEndpoint, WorkloadEndpointSpec } from './model.ts';

type Texts = Readonly<Record<string, string>>;

/** Whose an endpoint is, and what follows from it. */
export interface EndpointIdentity {
  readonly orchestrator: 'cni' | 'k8s';
  readonly node: string;
  readonly namespace: string;
  /** '' when it is not known. */
  readonly containerID: string;
  /** '' without Kubernetes. */
  readonly pod: string;
  /** The interface in the container. */
  readonly endpoint: string;
  readonly endpointName: string;
  readonly hostVeth: string;
}

/** What an endpoint says beside its identity. */
export interface EndpointContent {
  /** Bare. */
  readonly addresses: readonly string[];
  readonly mac: string;
  readonly profiles: readonly string[];
  readonly labels: Texts;
  readonly generateName?: string;
  readonly serviceAccountName?: string;
  readonly ports?: readonly EndpointPort[];
  readonly ipNATs?: readonly IPNAT[];
  readonly allowSpoofedSourcePrefixes?: readonly string[];
  readonly qosControls?: Readonly<Record<string, number | string>>;
}

/** The object that holds an endpoint. */
export interface EndpointObject {
  readonly uid: string;
  /** RFC 3339, whole seconds. */
  readonly creationTimestamp: string;
  readonly annotations?: Texts;
}

/** The endpoint as the original writes it: order of fields, empty ones left out. */
export function endpointOf(
  identity: EndpointIdentity,
  content: EndpointContent,
  object: EndpointObject,
): WorkloadEndpoint {
  return {
    kind: 'WorkloadEndpoint',
    apiVersion: 'projectcalico.org/v3',
    metadata: metadata(identity, content, object),
    spec: spec(identity, content),
  };
}

function metadata(identity: EndpointIdentity, content: EndpointContent, object: EndpointObject): Metadata {
  const { orchestrator, namespace, endpointName } = identity;
  const account = content.serviceAccountName ?? '';
  const labels: Texts = {
    ...content.labels,
    'projectcalico.org/namespace': namespace,
    'projectcalico.org/orchestrator': orchestrator,
    ...(account !== '' && account.length < 63 ? { 'projectcalico.org/serviceaccount': account } : {}),
  };
  return {
    name: endpointName,
    ...(content.generateName ? { generateName: content.generateName } : {}),
    namespace,
    uid: object.uid,
    creationTimestamp: object.creationTimestamp,
    labels: Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))),
    ...filledMap('annotations', object.annotations),
  };
}

function spec(identity: EndpointIdentity, content: EndpointContent): WorkloadEndpointSpec {
  return {
    orchestrator: identity.orchestrator,
    node: identity.node,
    ...(identity.containerID === '' ? {} : { containerID: identity.containerID }),
    ...(identity.pod === '' ? {} : { pod: identity.pod }),
    endpoint: identity.endpoint,
    ...(content.serviceAccountName ? { serviceAccountName: content.serviceAccountName } : {}),
    ipNetworks: content.addresses.map(asNetwork),
    ...filled('ipNATs', content.ipNATs),
    profiles: content.profiles,
    interfaceName: identity.hostVeth,
    ...(content.mac === '' ? {} : { mac: content.mac }),
    ...filled('ports', content.ports),
    ...filled('allowSpoofedSourcePrefixes', content.allowSpoofedSourcePrefixes),
    ...filledMap('qosControls', content.qosControls),
  };
}

function filled<K extends string, V>(key: K, list: readonly V[] | undefined): Partial<Record<K, readonly V[]>> {
  return list === undefined || list.length === 0 ? {} : ({ [key]: list } as Record<K, readonly V[]>);
}

function filledMap<K extends string, V extends object>(key: K, map: V | undefined): Partial<Record<K, V>> {
  return map === undefined || Object.keys(map).length === 0 ? {} : ({ [key]: map } as Record<K, V>);
}

const asNetwork = (address: string): string => (address.includes(':') ? `${address}/128` : `${address}/32`);
