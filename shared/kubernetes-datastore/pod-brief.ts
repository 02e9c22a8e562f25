import type { LeaveOut } from '../bytes/json.ts';
import { stringifyJson } from '../calico/json.ts';
import { asObject } from '../calico/stored.ts';
import type { Entry } from '../datastore/query.ts';
import { endpointRef } from '../datastore/ref.ts';
import { podVethName } from '../kubernetes/veth-name.ts';
import { givenIPs, type PodObject, Written } from './pod.ts';
import { isNetworked, podEndpointName } from './pod-endpoint.ts';
import type { ApiObject } from './resource-access.ts';

/** What is long in a pod beside its containers, and never part of its endpoint. */
const METADATA: LeaveOut = { managedFields: true, ownerReferences: true };
const SPEC: LeaveOut = { ephemeralContainers: true, volumes: true, tolerations: true, affinity: true };
const STATUS: LeaveOut = {
  conditions: true,
  containerStatuses: true,
  initContainerStatuses: true,
  ephemeralContainerStatuses: true,
};
/** Of a container only its ports are. */
const CONTAINER: LeaveOut = {
  image: true,
  command: true,
  args: true,
  env: true,
  envFrom: true,
  resources: true,
  volumeMounts: true,
  livenessProbe: true,
  readinessProbe: true,
  startupProbe: true,
  lifecycle: true,
  securityContext: true,
};

/** What is long in the pods of a list, and says nothing of their endpoints. */
export const UNSEEN_IN_PODS: LeaveOut = {
  items: { metadata: METADATA, spec: { ...SPEC, containers: CONTAINER, initContainers: CONTAINER }, status: STATUS },
};

/** What is long in them, and says nothing of their addresses. */
export const LONG_IN_PODS: LeaveOut = {
  items: { metadata: METADATA, spec: { ...SPEC, containers: true, initContainers: true }, status: STATUS },
};

/**
 * A pod's endpoint with its node, container, interface and addresses: as Calico shows them, but where the kubelet reports others than
 * the plugin has given the pod, both. Undefined for a pod without an endpoint; 'unusual' for one that does not have the usual form, which only a complete reading can judge.
 */
export function briefEndpoint(object: ApiObject, env: Readonly<Record<string, string | undefined>>) {
  const usual = usualPod(object);
  if (usual === undefined) return 'unusual';
  const { pod, resourceVersion } = usual;
  if (!isNetworked(pod)) return undefined;
  const { namespace, name, nodeName } = pod;
  const endpoint = podEndpointName(pod) ?? '';
  const { given, reported } = givenIPs(pod);
  const spec = {
    node: nodeName,
    containerID: pod.annotations[Written.containerID],
    interfaceName: podVethName(env, { k8sPodNamespace: namespace, k8sPodName: name }),
    ipNetworks: given,
    ...(reported.length > 0 && { reportedNetworks: reported }),
  };
  const entry: Entry = {
    ref: endpointRef(namespace, endpoint),
    at: `pods/${namespace}/${name}`,
    value: stringifyJson({ spec }),
    version: resourceVersion,
  };
  return entry;
}

type UsualPod = Pick<
  PodObject,
  'name' | 'namespace' | 'nodeName' | 'hostNetwork' | 'phase' | 'reportedIPs' | 'isBeingDeleted' | 'annotations'
>;

/** The parts of a pod that say which address it has; undefined unless all are of their types. */
function usualPod({ metadata, spec, status }: ApiObject) {
  const [about, wanted, found] = [asObject(metadata), asObject(spec), asObject(status)];
  if (about === undefined || wanted === undefined || found === undefined) return undefined;
  const { name, namespace, resourceVersion, deletionTimestamp, annotations = {} } = about;
  const { nodeName = '', hostNetwork = false } = wanted;
  const { phase = '', podIP, podIPs = podIP === undefined ? [] : [{ ip: podIP }] } = found;
  const notes = asObject(annotations);
  if (notes === undefined || !Array.isArray(podIPs) || typeof hostNetwork !== 'boolean') return undefined;
  const reportedIPs = podIPs.map((each) => asObject(each)?.['ip']);
  const texts = [name, namespace, resourceVersion, nodeName, phase, ...reportedIPs, ...Object.values(notes)];
  if (!texts.every((text) => typeof text === 'string')) return undefined;
  const isBeingDeleted = deletionTimestamp !== undefined;
  const pod = { name, namespace, nodeName, hostNetwork, phase, reportedIPs, isBeingDeleted, annotations };
  return { pod: pod as UsualPod, resourceVersion: resourceVersion as string };
}
