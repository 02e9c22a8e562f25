import type { Block } from '../../shared/calico/model.ts';
import type { Cursor, Query } from '../../shared/datastore/query.ts';
import { poolRef } from '../../shared/datastore/ref.ts';
import type { Plan, View } from '../../shared/datastore/view.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { confirmed } from '../block/affinity.ts';
import { type Cooling, tryBlockAt } from '../block/ask.ts';
import { firstFree, isOwnedBy, newBlock } from '../block/block.ts';
import { blocksIn, type Pool } from '../config/pools.ts';
import { whollyReserved } from '../config/reservations.ts';
import type { Place } from './place.ts';
import type { Setting } from './setting.ts';
import { startBlock } from './start-block.ts';

/** A block with room, before the address is taken: a new one, or one of ours that lost its affinity. */
interface Claimable {
  readonly cidr: Cidr;
  readonly block: Block;
  readonly ordinal: number;
}

/** The first queries of `claim`, so that several can be read at once. */
export const firstSearch = (setting: Setting, pools: readonly Pool[]): readonly Query[] =>
  pools
    .filter((pool) => mayHaveBlocks(setting, pool))
    .slice(0, 1)
    .map((pool) => searchIn(setting, pool));

const mayHaveBlocks = ({ reservations }: Setting, pool: Pool): boolean =>
  blocksIn(pool) !== 0n && !whollyReserved(reservations, pool.cidr);

const searchIn = ({ request, reservations }: Setting, pool: Pool, after?: Cursor): Query => ({
  freeBlocks: { pool, start: startBlock(pool, request), except: reservations[pool.cidr.family], after },
});

/** Finds a block to claim, in pool order and from this node's own place in each pool. */
export function* claim(
  view: View,
  setting: Setting,
  pools: readonly Pool[],
  cooling: Cooling,
): Plan<Place | undefined> {
  for (const pool of pools) {
    if (!mayHaveBlocks(setting, pool)) continue;
    const found = yield* findInPool(view, setting, pool, cooling);
    if (found === undefined) continue;
    const { ordinal, ...block } = found;
    return {
      ...block,
      ordinals: [ordinal],
      pool: pool.name,
      changes: confirmed(view, setting.request.node, block.cidr),
      guards: [poolRef(pool.name)],
    };
  }
  return undefined;
}

/** A lost race costs no further search: blocks that others have claimed meanwhile are skipped, and the next candidate is taken. */
function* findInPool(view: View, setting: Setting, pool: Pool, cooling: Cooling): Plan<Claimable | undefined> {
  let after: Cursor | undefined;
  do {
    const search = searchIn(setting, pool, after);
    yield [search];
    const { refs, next } = view.answer(search);
    for (const ref of refs) {
      const found = ref.kind === 'block' ? claimable(view, setting, ref.cidr, cooling) : undefined;
      if (found !== undefined) return found;
    }
    after = next;
  } while (after !== undefined);
  return undefined;
}

function claimable(view: View, setting: Setting, cidr: Cidr, cooling: Cooling): Claimable | undefined {
  const { request, reservations, lost } = setting;
  if (whollyReserved(reservations, cidr) || lost.has(cidr.text)) return undefined;
  const block = tryBlockAt(view, cidr, cooling) ?? newBlock(cidr, request.node, request.now);
  if (typeof block === 'string' || !isOwnedBy(block, request.node)) return undefined;
  const ordinal = firstFree(block, cidr, reservations);
  return ordinal === undefined ? undefined : { cidr, block, ordinal };
}
