import type { Block } from '../../shared/calico/model.ts';
import { blockRef, type Ref } from '../../shared/datastore/ref.ts';
import type { Change, Plan, View } from '../../shared/datastore/view.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { type Affine, affinitiesOf, isConfirmed } from '../block/affinity.ts';
import { AS_STORED, ask, tryBlockAt } from '../block/ask.ts';
import { isOwnedBy, ordinalsOf } from '../block/block.ts';
import { readHandle, type StoredHandle, writeHandle } from '../block/handle.ts';
import { mended } from './candidates.ts';
import type { Setting } from './setting.ts';

/** What is missing, and what must not have changed since it was found missing. */
interface Completion {
  readonly changes: readonly Change[];
  readonly guards: readonly Ref[];
  /** Blocks that hold the container's addresses, as far as known: those that its handle names, and others that were found. */
  readonly blocks: readonly Cidr[];
}

/** Nothing is known to be missing. */
export const COMPLETE: Completion = { changes: [], guards: [], blocks: [] };

/**
 * What an ADD that was cut off between two writes has left out for addresses that its container has: the handle, and the
 * confirmation of the affinities. `addresses`: how many it has. Assigns nothing. Only possible where commits are not transactions.
 * A handle that cannot be read does not fail the ADD: the container has its addresses.
 */
export function* complete(
  view: View,
  { node, handleID }: { readonly node: string; readonly handleID: string },
  addresses: number,
): Plan<Completion> {
  const handle = readable(view, handleID);
  if (handle === undefined) return COMPLETE;
  const affine = affinitiesOf(view, node);
  const counted = Object.values(handle.handle.block).reduce((sum, count) => sum + count, 0);
  const isShort = counted < addresses;
  const doubtful = isShort ? affine : affine.filter((each) => !isConfirmed(each));
  const named = { ...COMPLETE, blocks: handle.blocks };
  if (doubtful.length === 0) return named;
  yield* ask(
    view,
    doubtful.map(({ cidr }) => blockRef(cidr)),
  );
  const holding = doubtful.flatMap((each): readonly Holding[] => {
    const block = tryBlockAt(view, each.cidr, AS_STORED);
    if (typeof block !== 'object' || !isOwnedBy(block, node)) return [];
    const count = ordinalsOf(block, handleID).length;
    return count === 0 ? [] : [{ affine: each, block, count }];
  });
  return holding.length === 0 ? named : completion(node, handle, isShort, holding);
}

function readable(view: View, handleID: string): StoredHandle | undefined {
  try {
    return readHandle(view, handleID);
  } catch {
    return undefined;
  }
}

/** The confirmation of the node's affinity for one of its blocks, if it is missing. */
export function unfinished(view: View, { request: { node }, affine }: Setting, cidr: Cidr): readonly Change[] {
  const claim = affine.find((each) => each.cidr.text === cidr.text);
  const block = tryBlockAt(view, cidr, AS_STORED);
  return claim !== undefined && typeof block === 'object' && isOwnedBy(block, node) ? mended(node, claim, block) : [];
}

/** A block of the node that assigns addresses to the handle. */
interface Holding {
  readonly affine: Affine;
  readonly block: Block;
  readonly count: number;
}

function completion(node: string, handle: StoredHandle, isShort: boolean, holding: readonly Holding[]): Completion {
  const counts = holding.map(({ affine, count }): [string, number] => [affine.cidr.text, count]);
  return {
    changes: [
      ...(isShort ? [writeHandle(handle, new Map([...Object.entries(handle.handle.block), ...counts]))] : []),
      ...holding.flatMap(({ affine, block }) => mended(node, affine, block)),
    ],
    guards: holding.map(({ affine }) => blockRef(affine.cidr)),
    blocks: [...holding.map(({ affine }) => affine.cidr), ...handle.blocks],
  };
}
