import { type Reader, reader } from '../cni/reader.ts';
import { failure } from '../error/failure.ts';

type Texts = Readonly<Record<string, string>>;

/** A container's port as in the API; '' and 0 when not set. */
export interface ContainerPort {
  readonly name: string;
  readonly protocol: string;
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostIP: string;
}

/** The parts of a Pod that networking uses. */
export interface Pod {
  readonly labels: Texts;
  readonly annotations: Texts;
  /** '' when the pod was created with its full name. */
  readonly generateName: string;
  readonly serviceAccountName: string;
  /** Those of all containers, then of all init containers. */
  readonly ports: readonly ContainerPort[];
}

/** Whose a pod's name is: when that pod was created, and the container that the plugin has noted on it, '' without one. */
export interface PodOwner {
  /** Nanoseconds since 1970, whole seconds. */
  readonly createdAt: bigint;
  readonly containerID: string;
}

export interface Namespace {
  readonly labels: Texts;
  readonly annotations: Texts;
}

export interface Node {
  readonly podCIDRs: readonly string[];
}

/** Reads a Pod from the API's JSON; throws a Failure naming the invalid field. */
export function readPod(json: unknown): Pod {
  const pod = objectReader(json, 'Pod');
  const spec = pod.object('spec');
  const containers = [...spec.objects('containers'), ...spec.objects('initContainers')];
  return {
    ...readNamespace(json),
    generateName: pod.object('metadata').text('generateName'),
    serviceAccountName: spec.text('serviceAccountName'),
    ports: containers.flatMap((container) => container.objects('ports').map(readPort)),
  };
}

function readPort(port: Reader): ContainerPort {
  return {
    name: port.text('name'),
    protocol: port.text('protocol'),
    containerPort: port.int('containerPort'),
    hostPort: port.int('hostPort'),
    hostIP: port.text('hostIP'),
  };
}

/** Reads labels and annotations of any object, e.g. a Namespace. */
export function readNamespace(json: unknown): Namespace {
  const metadata = objectReader(json, 'object').object('metadata');
  return { labels: metadata.textMap('labels'), annotations: metadata.textMap('annotations') };
}

/** Reads a Node's pod networks; without a list the older single `podCIDR`. */
export function readNode(json: unknown): Node {
  const spec = objectReader(json, 'Node').object('spec');
  const single = spec.text('podCIDR');
  return { podCIDRs: spec.has('podCIDRs') || single === '' ? spec.texts('podCIDRs') : [single] };
}

/** Reads an object of an answer; throws a Failure naming the invalid field. */
export const objectReader = (json: unknown, kind: string): Reader =>
  reader(json, kind, (why) => failure(`cannot read what the Kubernetes API answered: ${why}`));
