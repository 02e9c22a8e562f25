import { type Reader, reader } from '../cni/reader.ts';
import { failure } from '../error/failure.ts';
import { type Pod, readPod } from '../kubernetes/objects.ts';
import { parseAddress } from '../net/address.ts';
import { parseCidr } from '../net/cidr.ts';
import type { ApiObject } from './resource-access.ts';

/** What Calico's plugin writes on a pod: the sandbox it networked, and its addresses as networks. */
export const Written = {
  containerID: 'cni.projectcalico.org/containerID',
  podIP: 'cni.projectcalico.org/podIP',
  podIPs: 'cni.projectcalico.org/podIPs',
} as const;

/** What Amazon's plugin writes where Calico only enforces policy. */
const AWS_POD_IPS = 'vpc.amazonaws.com/pod-ips';
const FINISHED_PHASES = ['Succeeded', 'Failed', 'Completed'];

/** A pod, as much of it as makes a WorkloadEndpoint. */
export interface PodObject extends Pod {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly isBeingDeleted: boolean;
  /** '' until it is scheduled. */
  readonly nodeName: string;
  readonly hostNetwork: boolean;
  readonly phase: string;
  /** As the kubelet reports them, bare; none before it has. */
  readonly reportedIPs: readonly string[];
}

/** Throws a Failure naming the field that is not what it should be. */
export function readPodObject(object: ApiObject): PodObject {
  const pod = reader(object, 'Pod', (why) => failure(`cannot read what the Kubernetes API answered: ${why}`));
  const [metadata, spec, status] = [pod.object('metadata'), pod.object('spec'), pod.object('status')];
  return {
    ...readPod(object),
    name: metadata.text('name'),
    namespace: metadata.text('namespace'),
    uid: metadata.text('uid'),
    resourceVersion: metadata.text('resourceVersion'),
    creationTimestamp: metadata.text('creationTimestamp'),
    isBeingDeleted: metadata.has('deletionTimestamp'),
    nodeName: spec.text('nodeName'),
    hostNetwork: spec.flag('hostNetwork'),
    phase: status.text('phase'),
    reportedIPs: reportedIPs(status),
  };
}

function reportedIPs(status: Reader): readonly string[] {
  const all = status.objects('podIPs').map((each) => each.text('ip'));
  const single = status.text('podIP');
  return all.length > 0 || single === '' ? all : [single];
}

/** The addresses that the plugin has written and not taken back, as it wrote them: networks. */
export function writtenIPs({ annotations }: Pod): readonly string[] {
  return splitList(annotations[Written.podIPs] || (annotations[Written.podIP] ?? ''));
}

/** The bare addresses of a pod (as Calico): the kubelet's word first, then what plugins have written; none once it is finished. Throws a Failure. */
export function shownIPs(pod: PodObject): readonly string[] {
  if (isFinished(pod)) return [];
  const sources = [pod.reportedIPs, writtenIPs(pod), splitList(pod.annotations[AWS_POD_IPS] ?? '')];
  return (sources.find((source) => source.length > 0) ?? []).map(bareAddress);
}

const splitList = (text: string): readonly string[] => (text === '' ? [] : text.split(','));

/** Whether a pod has no addresses any more, whatever it still says. */
function isFinished({ phase, isBeingDeleted, annotations }: PodObject): boolean {
  const isTakenBack = [Written.podIP, AWS_POD_IPS].some((name) => annotations[name] === '');
  return FINISHED_PHASES.includes(phase) || (isBeingDeleted && isTakenBack);
}

/** An address of a pod, which may be given as a network of one address. */
export function bareAddress(text: string): string {
  const address = parseAddress(text)?.text ?? parseCidr(text)?.text.split('/')[0];
  if (address === undefined) throw failure(`invalid CIDR address: ${text}`, 'an address of a pod');
  return address;
}
