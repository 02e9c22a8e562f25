import { stringifyJson } from '../../shared/calico/json.ts';
import type { AllocationAttribute } from '../../shared/calico/model.ts';
import { UNCHAIN_BANDWIDTH } from '../../shared/cni/chain.ts';
import type { Guard } from '../../shared/datastore/datastore.ts';
import type { Entry } from '../../shared/datastore/query.ts';
import type { Ref } from '../../shared/datastore/ref.ts';

/** How bad a kind of finding is, its name, and what the operator must do when repair does nothing. */
interface Meaning {
  /** With a fault the check is not clean. A note is worth knowing, but not damage. */
  readonly is: 'fault' | 'note';
  readonly title: string;
  /** Undefined: `ipam repair` mends it. */
  readonly advice?: string;
}

/** What a check can find, in the order of the output. */
export const MEANINGS = {
  unreadable: {
    is: 'fault',
    title: 'Values that cannot be read',
    advice: 'inspect the stored value and correct it; do not delete it: containers may rely on it',
  },
  'half-deleted': { is: 'fault', title: 'Objects that are marked as deleted and still there' },
  unlabelled: { is: 'fault', title: 'Affinities that nodes do not find, for lack of labels' },
  overlap: {
    is: 'fault',
    title: 'Blocks that overlap',
    advice: 'move the pods out of one of the blocks; an empty block can be released',
  },
  'wrong-size': {
    is: 'fault',
    title: "Blocks of another size than their pool's",
    advice: 'lookups by address do not find these blocks: restart the pods in them',
  },
  duplicate: { is: 'fault', title: 'Addresses used twice', advice: 'restart one of the pods' },
  twin: {
    is: 'fault',
    title: 'Containers with two endpoints',
    advice: 'delete the endpoint of the node where the container does not run: calicoctl delete workloadendpoint NAME',
  },
  'left-behind': {
    is: 'fault',
    title: 'Endpoints of nodes that are gone',
    advice:
      'once nothing runs under that name, calicoctl delete node NAME removes them and their addresses; ' +
      'if the node was renamed, first check that its pods have endpoints under the new name',
  },
  'not-allocated': {
    is: 'fault',
    title: 'Addresses in use that IPAM considers free',
    advice: 'restart the pod, so that it gets an address of its own',
  },
  'lost-block': { is: 'fault', title: 'Missing blocks whose addresses are still in use' },
  leaked: { is: 'fault', title: 'Leaked addresses: allocated, but not in use' },
  'handle-missing': { is: 'fault', title: 'Addresses whose handle is missing' },
  'handle-leaked': { is: 'fault', title: 'Handles without any address' },
  'handle-stranded': {
    is: 'fault',
    title: 'Handles still needed whose address is not in any block',
    advice: 'restart the owner, so that it gets a new address',
  },
  'handle-miscounted': { is: 'fault', title: 'Handles with a wrong address count' },
  pending: { is: 'fault', title: 'Affinities left pending or half released' },
  blockless: { is: 'fault', title: 'Affinities for blocks that do not exist' },
  'stale-claim': { is: 'fault', title: "Affinities for another owner's block, or for one without an owner" },
  unclaimed: { is: 'fault', title: 'Blocks whose owner has no affinity' },
  abandoned: { is: 'fault', title: 'Empty blocks without an owner or outside all pools' },
  'gone-node': { is: 'fault', title: 'Blocks of nodes that are gone' },
  queue: { is: 'fault', title: 'Blocks whose queue of free addresses is wrong' },
  attributes: { is: 'fault', title: 'Blocks with unused attributes' },
  sequence: { is: 'fault', title: 'Blocks with wrong sequence numbers' },
  cooling: { is: 'fault', title: 'Released addresses that never become free' },
  'claim-time': { is: 'fault', title: 'Blocks with a claim time but no owner' },
  renamed: {
    is: 'fault',
    title: 'Pods on this node whose endpoints name a node that is gone',
    advice: 'give this node its old name back, or restart these pods and then run calicoctl delete node OLDNAME',
  },
  'stray-veth': {
    is: 'fault',
    title: 'Interfaces on this node without an endpoint',
    advice: 'ip link del NAME, once it is no longer in use',
  },
  'no-veth': {
    is: 'fault',
    title: 'Endpoints on this node whose interface is missing',
    advice: 'run CNI DEL for the container; if the runtime no longer knows it: calicoctl delete workloadendpoint NAME',
  },
  'stray-route': {
    is: 'fault',
    title: 'Routes on this node to an endpoint that does not list the address',
    advice: 'ip route del ADDRESS dev NAME',
  },
  'two-shapers': {
    is: 'note',
    title: 'Networks whose pods lose their bandwidth limits',
    advice: UNCHAIN_BANDWIDTH,
  },
  'release-waits': {
    is: 'note',
    title: "Endpoints of deleted containers with a pending release in this node's journal",
    advice: 'nothing to do: the next ADD, DEL or GC on this node completes it (calicoctl node ipam lists them)',
  },
  'late-status': {
    is: 'note',
    title: 'Pods whose kubelet reports other addresses than the plugin gave them',
    advice: "nothing to do while that node's kubelet runs: it reports the new ones once it has looked",
  },
  surplus: { is: 'note', title: 'Extra addresses of running containers, which their DEL releases' },
  young: { is: 'note', title: 'Addresses without an endpoint that are too young to be leaked' },
  unexplained: { is: 'note', title: 'Addresses of networks without endpoints, perhaps from another plugin' },
  borrowed: { is: 'note', title: "Addresses borrowed from another node's block" },
  orphaned: { is: 'note', title: 'Blocks outside all pools, with addresses in use' },
  'no-block': {
    is: 'note',
    title: 'Endpoints with an address in a pool but not in a block, perhaps from another IPAM plugin',
  },
  'over-limit': { is: 'note', title: 'Nodes with more blocks than the limit' },
  alike: { is: 'note', title: 'Blocks with equal attributes' },
} as const satisfies Readonly<Record<string, Meaning>>;

export type FindingKind = keyof typeof MEANINGS;

export const meaningOf = (kind: FindingKind): Meaning => MEANINGS[kind];
export const isFault = ({ kind }: Finding): boolean => MEANINGS[kind].is === 'fault';

/** One thing found, and what repair needs to find it again. */
export interface Finding {
  readonly kind: FindingKind;
  /** What is wrong, with the full name of the object. */
  readonly text: string;
  /** The objects as they were read. They must not have changed when the finding is repaired. */
  readonly seen: readonly Guard[];
  readonly cidr?: string;
  readonly address?: string;
  readonly handleID?: string;
  readonly node?: string;
  /** The ID of the container of the endpoint. */
  readonly container?: string;
  readonly sequenceNumber?: bigint;
  /** The owners of a virtual machine's leaked address, as `ownersText` says them: for a new pod handle and sequence number stay. */
  readonly owners?: string;
  /** For a handle: the endpoint of its container. The handle stays as long as the endpoint exists. */
  readonly endpoint?: Ref;
  /** For a handle: every block that it names or that names it. */
  readonly blocks?: readonly string[];
}

/** The owners of an address, to compare them. */
export const ownersText = ({ secondary, alternateOwnerAttrs }: AllocationAttribute): string =>
  stringifyJson([secondary ?? {}, alternateOwnerAttrs ?? {}]);

/** An object as it was read, for `Finding.seen`. */
export const asSeen = ({ ref, version }: Pick<Entry, 'ref' | 'version'>): Guard => ({ ref, seen: version });
