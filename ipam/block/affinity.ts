import { stringifyJson } from '../../shared/calico/json.ts';
import type { AffinityState } from '../../shared/calico/model.ts';
import { storedReader } from '../../shared/calico/stored.ts';
import { type Entry, affinitiesOf as query } from '../../shared/datastore/query.ts';
import { type AffinityRef, affinityRef } from '../../shared/datastore/ref.ts';
import type { Change, View } from '../../shared/datastore/view.ts';
import type { Cidr } from '../../shared/net/cidr.ts';

/*
 * A node's claims on blocks. The block says who owns it; the owner finds it by the claim. Invariants, numbered as in
 * test/support/invariants/invariants.ts, each with the test under test/unit/ipam that holds it:
 * - 10, 13: a block has an owner exactly when that owner's claim on it is confirmed; interleaving.test.ts "ours never assign",
 *   borrow.test.ts "comes with an empty block of another node"
 * - 11: no claim lacks its block, is pending or half released; mending.test.ts "the node’s next ADD repairs"
 * - 12: a block without an owner holds addresses; release.test.ts "deletes an empty block without an owner"
 */

/** A node's affinity for a block. */
export interface Affine {
  readonly ref: AffinityRef;
  readonly cidr: Cidr;
  readonly state: AffinityState;
}

/** All affinities of a node, in list order. Those that cannot be read are skipped, as Calico does in lists. */
export const affinitiesOf = (view: View, node: string): readonly Affine[] =>
  view.list(query(node)).flatMap((entry) => decodeAffinity(entry) ?? []);

function decodeAffinity({ ref, at, value }: Entry): Affine | undefined {
  const state = claimState(at, value);
  return ref.kind !== 'affinity' || state === undefined ? undefined : { ref, cidr: ref.cidr, state };
}

const STATES: readonly string[] = ['pending', 'pendingDeletion', 'confirmed'];

/** The state of a stored affinity: '' when missing or unknown, undefined when the value cannot be read. Very old values are empty. */
export function claimState(at: string, value: string): AffinityState | undefined {
  try {
    const claim = value === '' ? undefined : storedReader(at, value, 'BlockAffinity');
    const state = claim?.text('state') ?? '';
    claim?.flag('deleted');
    return STATES.includes(state) ? (state as AffinityState) : '';
  } catch {
    return undefined;
  }
}

/** Whether a claim is confirmed; in very old data the state is ''. */
export const isConfirmedState = (state: AffinityState | undefined): boolean => state === 'confirmed' || state === '';
export const isConfirmed = (affine: Affine | undefined): boolean => isConfirmedState(affine?.state);

/** Writes a confirmed claim at once: in one commit with the block, no pending state is needed. */
export const confirm = (node: string, cidr: Cidr): Change => ({
  ref: affinityRef(node, cidr),
  next: stringifyJson({ state: 'confirmed', deleted: false }),
});

/** The same as a list of changes, empty when the claim is confirmed already. */
export function confirmed(view: View, node: string, cidr: Cidr): readonly Change[] {
  const entry = view.get(affinityRef(node, cidr));
  return isConfirmedState(entry && claimState(entry.at, entry.value)) ? [] : [confirm(node, cidr)];
}

export const forget = ({ ref }: Affine): Change => ({ ref, next: undefined });
