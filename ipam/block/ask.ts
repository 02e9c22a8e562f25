import type { Block } from '../../shared/calico/model.ts';
import { reasonOf } from '../../shared/calico/stored.ts';
import { get } from '../../shared/datastore/query.ts';
import { blockRef, type Ref, textOf } from '../../shared/datastore/ref.ts';
import type { Plan, View } from '../../shared/datastore/view.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { settled } from './block.ts';
import { decodeBlock } from './block-json.ts';

/** Reads those of `refs` that have not been read yet. */
export function* ask(view: View, refs: readonly Ref[]): Plan<void> {
  const distinct = [...new Map(refs.map((ref) => [textOf(ref), ref])).values()];
  const unknown = distinct.filter((ref) => !view.knows(ref));
  if (unknown.length > 0) yield unknown.map(get);
}

/** The current time and the cooldown: they decide whether an address has cooled down. */
export interface Cooling {
  readonly now: bigint;
  readonly cooldown: number;
}

/** A time at which no address has cooled down. */
export const AS_STORED: Cooling = { now: 0n, cooldown: 0 };

/** The block at `cidr` with cooled-down addresses freed; undefined when missing. Throws a Failure when it cannot be read. */
export function blockAt(view: View, cidr: Cidr, { now, cooldown }: Cooling): Block | undefined {
  const entry = view.get(blockRef(cidr));
  return entry === undefined ? undefined : settled(decodeBlock(cidr, entry.value, entry.at), now, cooldown);
}

/** Like blockAt, but returns the reason when the block cannot be read. */
export function tryBlockAt(view: View, cidr: Cidr, cooling: Cooling): Block | string | undefined {
  try {
    return blockAt(view, cidr, cooling);
  } catch (error) {
    return reasonOf(error);
  }
}
