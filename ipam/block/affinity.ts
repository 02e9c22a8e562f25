import { stringifyJson } from '../../shared/calico/json.ts';
import type { AffinityState } from '../../shared/calico/model.ts';
import { storedReader } from '../../shared/calico/stored.ts';
import { type Entry, affinitiesOf as query } from '../../shared/datastore/query.ts';
import { type AffinityRef, affinityRef } from '../../shared/datastore/ref.ts';
import type { Change, View } from '../../shared/datastore/view.ts';
import type { Cidr } from '../../shared/net/cidr.ts';

/*
 * A node's claims on blocks. The block is the truth about its owner, the claim what the owner finds it by. What must hold, by
 * its number in test/support/invariants.ts, and the test under test/unit/ipam that guards it:
 * - 10, 13: a block has an owner just when that one's claim on it is confirmed; interleaving.test.ts "ours never assign",
 *   borrow.test.ts "comes with an empty block of another node"
 * - 11: no claim without its block, none pending or half released; mending.test.ts "the node’s next ADD repairs"
 * - 12: a block of nobody holds addresses; release.test.ts "deletes an empty block without an owner"
 */

/** A node's affinity for a block. */
export interface Affine {
  readonly ref: AffinityRef;
  readonly cidr: Cidr;
  readonly state: AffinityState;
}

/** All blocks a node claims, in the order of lists; what cannot be read is passed over, as Calico does in lists. */
export const affinitiesOf = (view: View, node: string): readonly Affine[] =>
  view.list(query(node)).flatMap((entry) => decodeAffinity(entry) ?? []);

function decodeAffinity({ ref, at, value }: Entry): Affine | undefined {
  const state = claimState(at, value);
  return ref.kind !== 'affinity' || state === undefined ? undefined : { ref, cidr: ref.cidr, state };
}

const STATES: readonly string[] = ['pending', 'pendingDeletion', 'confirmed'];

/** The state that an affinity's value holds, '' for none or one that is not known; undefined when it cannot be read. Very old data has empty values. */
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

/** Whether a claim stands; '' is how very old data says so. */
export const isConfirmedState = (state: AffinityState | undefined): boolean => state === 'confirmed' || state === '';
export const isConfirmed = (affine: Affine | undefined): boolean => isConfirmedState(affine?.state);

/** Claims a block at once: with the block in the same transaction, nothing needs to be pending. */
export const confirm = (node: string, cidr: Cidr): Change => ({
  ref: affinityRef(node, cidr),
  next: stringifyJson({ state: 'confirmed', deleted: false }),
});

export const forget = ({ ref }: Affine): Change => ({ ref, next: undefined });
