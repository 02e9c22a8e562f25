import { type Reader, reader } from '../cni/reader.ts';
import { failure } from '../error/failure.ts';

type Texts = Readonly<Record<string, string>>;

/** A container's port as the API has it; '' and 0 for what is left out. */
export interface ContainerPort {
  readonly name: string;
  readonly protocol: string;
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostIP: string;
}

/** A Pod, as much of it as networking looks at. */
export interface Pod {
  readonly labels: Texts;
  readonly annotations: Texts;
  /** '' when the pod was given its whole name. */
  readonly generateName: string;
  readonly serviceAccountName: string;
  /** Of all containers, then of all init containers. */
  readonly ports: readonly ContainerPort[];
}

export interface Namespace {
  readonly labels: Texts;
  readonly annotations: Texts;
}

export interface Node {
  readonly podCIDRs: readonly string[];
}

/** Reads a Pod out of the API's JSON; throws a Failure naming the field that is not what it should be. */
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

/** Reads labels and annotations of any object, a Namespace above all. */
export function readNamespace(json: unknown): Namespace {
  const metadata = objectReader(json, 'object').object('metadata');
  return { labels: metadata.textMap('labels'), annotations: metadata.textMap('annotations') };
}

/** Reads a Node's pod networks; the older single `podCIDR` counts where there is no list. */
export function readNode(json: unknown): Node {
  const spec = objectReader(json, 'Node').object('spec');
  const single = spec.text('podCIDR');
  return { podCIDRs: spec.has('podCIDRs') || single === '' ? spec.texts('podCIDRs') : [single] };
}

const objectReader = (json: unknown, kind: string): Reader =>
  reader(json, kind, (why) => failure(`cannot read what the Kubernetes API answered: ${why}`));
