import type { Block } from '../../shared/calico/model.ts';
import { reasonOf } from '../../shared/calico/stored.ts';
import { get } from '../../shared/datastore/query.ts';
import { blockRef, type Ref, textOf } from '../../shared/datastore/ref.ts';
import type { Plan, View } from '../../shared/datastore/view.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { settled } from './block.ts';
import { decodeBlock } from './block-json.ts';

/** Reads those of `refs` that are not known yet. */
export function* ask(view: View, refs: readonly Ref[]): Plan<void> {
  const distinct = [...new Map(refs.map((ref) => [textOf(ref), ref])).values()];
  const unknown = distinct.filter((ref) => !view.knows(ref));
  if (unknown.length > 0) yield unknown.map(get);
}

/** When and how long: what decides whether an address has cooled down. */
export interface Cooling {
  readonly now: bigint;
  readonly cooldown: number;
}

/** The block at `cidr`, addresses freed that have cooled down; undefined when there is none. Throws a Failure on garbage. */
export function blockAt(view: View, cidr: Cidr, { now, cooldown }: Cooling): Block | undefined {
  const entry = view.get(blockRef(cidr));
  return entry === undefined ? undefined : settled(decodeBlock(cidr, entry.value, entry.at), now, cooldown);
}

/** As blockAt, where a block that cannot be read is passed over: the reason in its place. */
export function tryBlockAt(view: View, cidr: Cidr, cooling: Cooling): Block | string | undefined {
  try {
    return blockAt(view, cidr, cooling);
  } catch (error) {
    return reasonOf(error);
  }
}
