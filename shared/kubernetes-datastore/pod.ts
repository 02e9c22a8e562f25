import type { Reader } from '../cni/reader.ts';
import { failure } from '../error/failure.ts';
import { objectReader, type Pod, readPod } from '../kubernetes/objects.ts';
import { parseAddress } from '../net/address.ts';
import { parseCidr } from '../net/cidr.ts';
import type { ApiObject } from './resource-access.ts';

/** The annotations that Calico's plugin writes to a pod: its sandbox, and its addresses as networks. */
export const Written = {
  containerID: 'cni.projectcalico.org/containerID',
  podIP: 'cni.projectcalico.org/podIP',
  podIPs: 'cni.projectcalico.org/podIPs',
} as const;

/** The annotation of Amazon's plugin, used when Calico only enforces policy. */
const AWS_POD_IPS = 'vpc.amazonaws.com/pod-ips';
const FINISHED_PHASES = ['Succeeded', 'Failed', 'Completed'];

/** The parts of a pod that make its WorkloadEndpoint. */
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
  /** As reported by the kubelet, without prefix length; empty before that. */
  readonly reportedIPs: readonly string[];
}

/** Throws a Failure naming the invalid field. */
export function readPodObject(object: ApiObject): PodObject {
  const pod = objectReader(object, 'Pod');
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

/** The addresses that the plugin has written and not removed, as networks. */
export function writtenIPs({ annotations }: Pick<Pod, 'annotations'>): readonly string[] {
  return splitList(annotations[Written.podIPs] || (annotations[Written.podIP] ?? ''));
}

/** What says which addresses a pod has. */
type Addressed = Pick<PodObject, 'phase' | 'isBeingDeleted' | 'annotations' | 'reportedIPs'>;

/** A pod's addresses without prefix length (as Calico): the kubelet's, else those written by plugins; none once it has finished. Throws a Failure. */
export function shownIPs(pod: Addressed): readonly string[] {
  if (isFinished(pod)) return [];
  const sources = [pod.reportedIPs, writtenIPs(pod), splitList(pod.annotations[AWS_POD_IPS] ?? '')];
  return (sources.find((source) => source.length > 0) ?? []).map(bareAddress);
}

/**
 * The same where a check asks: the addresses that the plugin has given the pod last, and those that only the kubelet reports. It goes
 * on with those of an earlier sandbox until it has looked again. Throws a Failure.
 */
export function givenIPs(pod: Addressed): { readonly given: readonly string[]; readonly reported: readonly string[] } {
  const isPlugins = [Written.podIPs, Written.podIP].some((name) => pod.annotations[name] !== undefined);
  const shown = shownIPs(pod);
  if (shown.length === 0 || !isPlugins || pod.reportedIPs.length === 0) return { given: shown, reported: [] };
  const given = writtenIPs(pod).map(bareAddress);
  return { given, reported: shown.filter((address) => !given.includes(address)) };
}

const splitList = (text: string): readonly string[] => (text === '' ? [] : text.split(','));

/** Whether a pod's addresses no longer count. */
function isFinished({ phase, isBeingDeleted, annotations }: Addressed): boolean {
  const isTakenBack = [Written.podIP, AWS_POD_IPS].some((name) => annotations[name] === '');
  return FINISHED_PHASES.includes(phase) || (isBeingDeleted && isTakenBack);
}

/** Parses a pod's address, which may have the prefix length of a single address. */
export function bareAddress(text: string): string {
  const address = parseAddress(text)?.text ?? parseCidr(text)?.text.split('/')[0];
  if (address === undefined) throw failure(`invalid CIDR address: ${text}`, 'an address of a pod');
  return address;
}
