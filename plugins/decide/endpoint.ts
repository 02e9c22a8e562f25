import type {
  EndpointPort,
  IPNAT,
  Metadata,
  Resource,
  WorkloadEndpoint,
  WorkloadEndpointSpec,
} from '../../shared/calico/model.ts';
import { requireLabels } from '../../shared/calico/names.ts';
import type { Birth } from './birth.ts';
import type { Identity } from './identity.ts';

/** What a new or renewed endpoint says beside its identity. */
export interface EndpointContent {
  readonly addresses: readonly string[];
  readonly mac: string;
  readonly profiles: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly generateName?: string;
  readonly serviceAccountName?: string;
  readonly ports?: readonly EndpointPort[];
  readonly ipNATs?: readonly IPNAT[];
  readonly allowSpoofedSourcePrefixes?: readonly string[];
  readonly qosControls?: Readonly<Record<string, number | string>>;
}

/** The endpoint as the original writes it, which refuses labels that break Kubernetes' rules: field order, empty ones left out (as Calico). `addresses` are bare. */
export function workloadEndpoint(identity: Identity, content: EndpointContent, birth: Birth): WorkloadEndpoint {
  return {
    kind: 'WorkloadEndpoint',
    apiVersion: 'projectcalico.org/v3',
    metadata: metadata(identity, content, birth),
    spec: spec(identity, content),
  };
}

function metadata(identity: Identity, content: EndpointContent, birth: Birth): Metadata {
  const { orchestrator, namespace, endpointName } = identity;
  const account = content.serviceAccountName ?? '';
  const labels: Record<string, string> = {
    ...content.labels,
    'projectcalico.org/namespace': namespace,
    'projectcalico.org/orchestrator': orchestrator,
    ...(account !== '' && account.length < 63 ? { 'projectcalico.org/serviceaccount': account } : {}),
  };
  requireLabels(labels);
  return {
    name: endpointName,
    ...(content.generateName ? { generateName: content.generateName } : {}),
    namespace,
    uid: birth.uid,
    creationTimestamp: birth.creationTimestamp,
    labels: Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function spec(identity: Identity, content: EndpointContent): WorkloadEndpointSpec {
  return {
    orchestrator: identity.orchestrator,
    node: identity.node,
    containerID: identity.containerID,
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
    ...(content.qosControls && Object.keys(content.qosControls).length > 0 ? { qosControls: content.qosControls } : {}),
  };
}

function filled<K extends string, V>(key: K, list: readonly V[] | undefined): Partial<Record<K, readonly V[]>> {
  return list === undefined || list.length === 0 ? {} : ({ [key]: list } as Record<K, readonly V[]>);
}

const asNetwork = (address: string): string => (address.includes(':') ? `${address}/128` : `${address}/32`);

/** The profile of a network, made once by the first ADD where policy.type is not set (as Calico). */
export function networkProfile(name: string, kubernetes: boolean, birth: Birth): Resource<unknown> {
  const ingress = kubernetes ? { action: 'Allow' } : { action: 'Allow', source: { selector: `has(${name})` } };
  return {
    kind: 'Profile',
    apiVersion: 'projectcalico.org/v3',
    metadata: { name, uid: birth.profileUid, creationTimestamp: birth.creationTimestamp },
    spec: { ingress: [ingress], egress: [{ action: 'Allow' }], labelsToApply: { [name]: '' } },
  };
}
