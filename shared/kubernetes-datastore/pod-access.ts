import { stringifyJson } from '../calico/json.ts';
import { parseEndpointName } from '../calico/names.ts';
import type { SeenChange } from '../datastore/datastore.ts';
import type { Entry, ListQuery } from '../datastore/query.ts';
import { endpointRef, type Ref, textOf } from '../datastore/ref.ts';
import { Failure } from '../error/failure.ts';
import { type PodObject, readPodObject } from './pod.ts';
import { briefEndpoint, LONG_IN_PODS, UNSEEN_IN_PODS } from './pod-brief.ts';
import { isNetworked, podEndpointName, shownEndpoint, writtenEndpoint } from './pod-endpoint.ts';
import { publishing, retracting } from './pod-patch.ts';
import type { ApiObject, ApiRequest, Listing, ResourceAccess, WriteRequest } from './resource-access.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** `shown`: endpoints as Calico's tools show them. `written`: as the plugin has written them. */
export type EndpointReading = 'shown' | 'written';

/** WorkloadEndpoints, which are pods: computed when read, written as three annotations. */
export function podAccess(reading: EndpointReading, env: Environment): ResourceAccess {
  const complete = (object: ApiObject) => decode(readPodObject(object), reading, env);
  return {
    get: (ref) => (ref.kind === 'WorkloadEndpoint' ? requestFor(ref.namespace ?? '', ref.name) : undefined),
    decode: complete,
    leaveOut: UNSEEN_IN_PODS,
    brief: {
      decode: (object) => {
        const found = reading === 'shown' ? briefEndpoint(object, env) : 'unusual';
        return found === 'unusual' ? complete(object) : found;
      },
      leaveOut: LONG_IN_PODS,
    },
    list,
    write: (change, seen) => write(change, seen === undefined ? undefined : readPodObject(seen)),
  };
}

function requestFor(namespace: string, endpoint: string): ApiRequest | undefined {
  const name = parseEndpointName(endpoint);
  return name?.orchestrator === 'k8s' ? podRequest(namespace, name.workload) : undefined;
}

const podRequest = (namespace: string, pod: string): ApiRequest => ({
  asked: { verb: 'get', group: '', resource: 'pods', namespace, name: pod },
  method: 'GET',
  path: pathOf(namespace, pod),
});

const pathOf = (namespace: string, pod: string): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}`;

function decode(pod: PodObject, reading: EndpointReading, env: Environment): Entry | undefined {
  const name = podEndpointName(pod);
  // The plugin's own calls read any pod that the runtime names.
  if (name === undefined || (reading === 'shown' && !isNetworked(pod))) return undefined;
  const endpoint = reading === 'shown' ? shownEndpoint(pod, env) : writtenEndpoint(pod, env);
  return {
    ref: endpointRef(pod.namespace, name),
    at: `pods/${pod.namespace}/${pod.name}`,
    value: stringifyJson(endpoint),
    version: pod.resourceVersion,
  };
}

/** A prefix that includes the pod's name reads only that pod, which needs no permission to list pods. */
function list({ namespace, prefix }: ListQuery): Listing {
  if (prefix === undefined || namespace === undefined) return { requests: [listRequest(namespace)] };
  const within = parseEndpointName(`${prefix}x`);
  const { orchestrator = 'k8s', workload = '' } = within ?? parseEndpointName(`${prefix}x-x`) ?? {};
  if (orchestrator !== 'k8s') return { requests: [] };
  return { requests: [within === undefined ? listRequest(namespace) : podRequest(namespace, workload)] };
}

const listRequest = (namespace: string | undefined): ApiRequest => ({
  asked: { verb: 'list', group: '', resource: 'pods', namespace, name: '' },
  method: 'GET',
  path: namespace === undefined ? '/api/v1/pods' : `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
});

function write({ ref, next }: SeenChange, seen: PodObject | undefined): readonly WriteRequest[] {
  const request = ref.kind === 'WorkloadEndpoint' ? requestFor(ref.namespace ?? '', ref.name) : undefined;
  if (request === undefined) throw notAPod(ref);
  if (next === undefined) return seen === undefined ? [] : retracting(request, seen);
  return [publishing(request, next, seen)];
}

const notAPod = (ref: Ref): Failure =>
  new Failure('datastore refuses', `operation Create is not supported on ${textOf(ref)}`, {
    where: 'On the Kubernetes datastore every endpoint is a pod: K8S_POD_NAMESPACE and K8S_POD_NAME must name it',
  });
