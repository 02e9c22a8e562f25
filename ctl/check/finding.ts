import { UNCHAIN_BANDWIDTH } from '../../shared/cni/chain.ts';
import type { Guard } from '../../shared/datastore/datastore.ts';
import type { Entry } from '../../shared/datastore/query.ts';
import type { Ref } from '../../shared/datastore/ref.ts';

/** How bad a kind of finding is, what it is called, and what the operator has to do where repair does nothing. */
interface Meaning {
  /** A fault makes a check not clean; a note is worth knowing and no damage. */
  readonly is: 'fault' | 'note';
  readonly title: string;
  /** Undefined: `ipam repair` mends it. */
  readonly advice?: string;
}

/** What a check can find, in the order in which it is told. */
export const MEANINGS = {
  unreadable: {
    is: 'fault',
    title: 'Values that cannot be read',
    advice: 'look at the value with etcdctl get and correct it; do not delete the key: containers may rely on it',
  },
  overlap: {
    is: 'fault',
    title: 'Blocks that overlap',
    advice: 'move the pods out of one of the blocks; an empty one can be given up',
  },
  'wrong-size': {
    is: 'fault',
    title: "Blocks of another size than their pool's",
    advice: 'their addresses cannot be found by address: restart the pods in them',
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
      'calicoctl delete node NAME removes them with their addresses, once nothing runs under that name; ' +
      'a node that was renamed: see that its pods have endpoints under the new name first',
  },
  'not-allocated': {
    is: 'fault',
    title: 'Addresses in use that IPAM would give out again',
    advice: 'restart the pod, so that it gets an address of its own',
  },
  'lost-block': { is: 'fault', title: 'Blocks that are gone while addresses of them are in use' },
  leaked: { is: 'fault', title: 'Leaked addresses: allocated, but nobody uses them' },
  'handle-missing': { is: 'fault', title: 'Addresses whose handle is missing' },
  'handle-leaked': { is: 'fault', title: 'Handles without any address' },
  'handle-stranded': {
    is: 'fault',
    title: 'Handles of somebody who lives, or has no endpoint, whose address is in no block',
    advice: 'restart whom it belongs to, so that it gets an address anew',
  },
  'handle-miscounted': { is: 'fault', title: 'Handles that count their addresses wrongly' },
  pending: { is: 'fault', title: 'Claims on blocks begun or half released' },
  blockless: { is: 'fault', title: 'Claims on blocks that do not exist' },
  'stale-claim': { is: 'fault', title: "Claims on somebody else's block, or on nobody's" },
  unclaimed: { is: 'fault', title: "Blocks without their owner's claim" },
  abandoned: { is: 'fault', title: 'Empty blocks that nobody owns or that lie outside all pools' },
  'gone-node': { is: 'fault', title: 'Blocks of nodes that are gone' },
  queue: { is: 'fault', title: 'Blocks whose queue of free addresses is wrong' },
  attributes: { is: 'fault', title: 'Blocks with attributes that nobody has' },
  sequence: { is: 'fault', title: 'Blocks with wrong sequence numbers' },
  cooling: { is: 'fault', title: 'Released addresses that never become free' },
  'claim-time': { is: 'fault', title: 'Blocks with a time of claim and no owner' },
  renamed: {
    is: 'fault',
    title: 'Pods on this node whose endpoints are of a node that is gone',
    advice: 'give this node its old name back, or start these pods anew and then calicoctl delete node OLDNAME',
  },
  'stray-veth': {
    is: 'fault',
    title: 'Interfaces on this node of no endpoint of it',
    advice: 'ip link del NAME, once nobody uses it',
  },
  'no-veth': {
    is: 'fault',
    title: 'Endpoints of this node without their interface',
    advice: 'run CNI DEL for the container; one that its runtime knows no more: calicoctl delete workloadendpoint NAME',
  },
  'stray-route': {
    is: 'fault',
    title: 'Routes on this node to addresses that are not of the endpoint behind them',
    advice: 'ip route del ADDRESS dev NAME',
  },
  'two-shapers': {
    is: 'note',
    title: 'Networks whose pods lose their bandwidth limits',
    advice: UNCHAIN_BANDWIDTH,
  },
  'release-waits': {
    is: 'note',
    title: "Endpoints of deleted containers whose release waits in this node's journal",
    advice:
      'nothing to do: the next ADD, DEL or GC of the plugin on this node does it (calicoctl node ipam lists them)',
  },
  surplus: { is: 'note', title: 'Further addresses of living containers, which their DEL frees' },
  young: { is: 'note', title: 'Addresses without an endpoint that are too young to be leaked' },
  unexplained: { is: 'note', title: 'Addresses of networks without endpoints: perhaps of another plugin than calico' },
  borrowed: { is: 'note', title: "Borrowed addresses: in another node's block" },
  orphaned: { is: 'note', title: 'Blocks outside all pools, with addresses in use' },
  'no-block': {
    is: 'note',
    title: 'Endpoints with addresses in a pool but in no block: perhaps of another IPAM plugin',
  },
  'over-limit': { is: 'note', title: 'Nodes with more blocks than the limit' },
  alike: { is: 'note', title: 'Blocks with equal attributes' },
} as const satisfies Readonly<Record<string, Meaning>>;

export type Kind = keyof typeof MEANINGS;

export const meaningOf = (kind: Kind): Meaning => MEANINGS[kind];
export const isFault = ({ kind }: Finding): boolean => MEANINGS[kind].is === 'fault';

/** One thing found, and what repair needs to find it again. */
export interface Finding {
  readonly kind: Kind;
  /** What is wrong, in words that name it wholly. */
  readonly text: string;
  /** The objects that must not have changed when it is mended, as they were seen. */
  readonly seen: readonly Guard[];
  readonly cidr?: string;
  readonly address?: string;
  readonly handleID?: string;
  readonly node?: string;
  /** The id of the container whose endpoint it is about. */
  readonly container?: string;
  readonly sequenceNumber?: bigint;
  /** For a handle: its container's endpoint. The handle stays as long as the endpoint exists. */
  readonly endpoint?: Ref;
  /** For a handle: every block that it names or that names it. */
  readonly blocks?: readonly string[];
}

/** An object as it was read, for `Finding.seen`. */
export const asSeen = ({ ref, version }: Pick<Entry, 'ref' | 'version'>): Guard => ({ ref, seen: version });
