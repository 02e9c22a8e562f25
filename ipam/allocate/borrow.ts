import type { Block } from '../../shared/calico/model.ts';
import type { Cursor, Query } from '../../shared/datastore/query.ts';
import { affinityRef, poolRef, type Ref } from '../../shared/datastore/ref.ts';
import type { Change, Plan, View } from '../../shared/datastore/view.ts';
import { type Cidr, containsCidr } from '../../shared/net/cidr.ts';
import { confirm } from '../block/affinity.ts';
import { ask, type Cooling, tryBlockAt } from '../block/ask.ts';
import { firstFree, isEmpty, isOwnedBy, owningNode, reclaimed } from '../block/block.ts';
import { blocksIn, type Pool } from '../config/pools.ts';
import { whollyReserved } from '../config/reservations.ts';
import type { Place } from './place.ts';
import type { Setting } from './setting.ts';
import { startBlock } from './start-block.ts';

/** How long a block must be empty before another node may take it over: its owner may be about to use it. */
const GRACE_MS = 60_000;

/** How an existing block can be used: ours but not claimed, empty long enough to take over, or with an address to borrow. */
type Use = 'ours' | 'reclaim' | 'borrow';
/** Best first. */
const USES: readonly Use[] = ['ours', 'reclaim', 'borrow'];

interface Found {
  readonly cidr: Cidr;
  readonly block: Block;
  readonly ordinals: readonly number[];
  readonly use: Use;
  /** Node to take the block from. */
  readonly owner: string | undefined;
}

/**
 * Finds an address in existing blocks when there is none left to claim: in a block of ours that lost its affinity, in an empty
 * block to take over, or, unless affinity is strict, in any node's block. Starts where `claim` does; stops at the first page with a hit.
 */
export function* borrow(
  view: View,
  setting: Setting,
  pools: readonly Pool[],
  cooling: Cooling,
): Plan<Place | undefined> {
  for (const pool of pools) {
    if (blocksIn(pool) === 0n || whollyReserved(setting.reservations, pool.cidr)) continue;
    const found = yield* findInPool(view, setting, pool, cooling);
    if (found !== undefined) return yield* placeOf(view, setting, pool, found);
  }
  return undefined;
}

function* findInPool(view: View, setting: Setting, pool: Pool, cooling: Cooling): Plan<Found | undefined> {
  const start = startBlock(pool, setting.request);
  let after: Cursor | undefined;
  do {
    const search: Query = { usedBlocks: { pool, start, after } };
    yield [search];
    const { entries, next } = view.answer(search);
    const found = entries.flatMap(({ ref }) =>
      ref.kind === 'block' && containsCidr(pool.cidr, ref.cidr)
        ? (inspect(view, setting, ref.cidr, cooling) ?? [])
        : [],
    );
    const best = USES.map((use) => found.find((each) => each.use === use)).find((each) => each !== undefined);
    if (best !== undefined) return best;
    after = next;
  } while (after !== undefined);
  return undefined;
}

function inspect(view: View, setting: Setting, cidr: Cidr, cooling: Cooling): Found | undefined {
  const block = tryBlockAt(view, cidr, cooling);
  if (typeof block !== 'object') return undefined;
  const use = useOf(block, setting);
  const offered = use === 'reclaim' ? reclaimed(block, setting.request.node, setting.request.now) : block;
  const ordinal = firstFree(offered, cidr, setting.reservations);
  return use === undefined || ordinal === undefined
    ? undefined
    : { cidr, block: offered, ordinals: [ordinal], use, owner: owningNode(block) };
}

function useOf(block: Block, { request, config }: Setting): Use | undefined {
  if (isOwnedBy(block, request.node)) return 'ours';
  if (isEmpty(block) && isAbandoned(block, request.now)) return 'reclaim';
  return config.strict_affinity ? undefined : 'borrow';
}

/** Whether an empty block may change owner: it has none, or has been a node's for long. Blocks of other kinds of owners never may. */
function isAbandoned(block: Block, now: bigint): boolean {
  if (block.affinity === null) return true;
  if (owningNode(block) === undefined) return false;
  const claimed = block.affinity_claim_time === undefined ? 0 : Date.parse(block.affinity_claim_time);
  return Number.isNaN(claimed) || Number(now / 1_000_000n) - claimed >= GRACE_MS;
}

function* placeOf(view: View, { request }: Setting, pool: Pool, { use, owner, ...place }: Found): Plan<Place> {
  if (use === 'borrow') return { ...place, pool: pool.name, changes: [], guards: [] };
  const theirs = owner === undefined || owner === request.node ? [] : [affinityRef(owner, place.cidr)];
  yield* ask(view, theirs);
  const forgotten: readonly Change[] = theirs.flatMap((ref) => (view.get(ref) ? { ref, next: undefined } : []));
  const absent: readonly Ref[] = theirs.filter((ref) => view.get(ref) === undefined);
  return {
    ...place,
    pool: pool.name,
    changes: [confirm(request.node, place.cidr), ...forgotten],
    guards: [poolRef(pool.name), ...absent],
  };
}
