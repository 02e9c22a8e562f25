import { affinityKey, parseBlockKey } from '../../shared/calico/keys.ts';
import type { Block } from '../../shared/calico/model.ts';
import { one, type Plan, type Read, type View, valuesBetween, type Write } from '../../shared/datastore/view.ts';
import { type Cidr, containsCidr } from '../../shared/net/cidr.ts';
import { confirm } from '../block/affinity.ts';
import { type Cooling, tryBlockAt } from '../block/ask.ts';
import { firstFree, isEmpty, isOwnedBy, owningNode, reclaimed } from '../block/block.ts';
import { blocksIn, type Pool } from '../config/pools.ts';
import { whollyReserved } from '../config/reservations.ts';
import type { Place } from './place.ts';
import type { Setting } from './setting.ts';
import { farWindows, nearWindows, walkStart } from './walk.ts';
import type { Window } from './windows.ts';

/** Blocks whose values are read at once: a full one of 64 addresses takes 16 KB. */
const PAGE = 64;
/** How old an empty block must be before another node may have it: its owner may be about to use it. */
const GRACE_MS = 60_000;

/** What another block is good for: ours without a claim, empty long enough to be taken over, or with an address to spare. */
type Use = 'ours' | 'reclaim' | 'borrow';

interface Found {
  readonly cidr: Cidr;
  readonly block: Block;
  readonly ordinals: readonly number[];
  readonly use: Use;
  /** Node to take the block from. */
  readonly owner: string | undefined;
}

/**
 * Finds an address in blocks that exist, when no block is left to claim: an orphan of ours, an empty block to take over, or,
 * unless affinity is strict, a free address in anybody's block. Walks as claim does and stops at the first page of use.
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
  const start = walkStart(setting.request, pool);
  let far: { readonly windows: readonly Window[]; readonly next: number } | undefined = {
    windows: nearWindows(pool, start),
    next: 0,
  };
  while (far !== undefined) {
    for (const window of far.windows) {
      const found = yield* findInWindow(view, setting, pool, window, cooling);
      if (found !== undefined) return found;
    }
    far = yield* farWindows(view, pool, start, (count) => count > 0, far.next);
  }
  return undefined;
}

function* findInWindow(
  view: View,
  setting: Setting,
  pool: Pool,
  window: Window,
  cooling: Cooling,
): Plan<Found | undefined> {
  let read: Read | undefined = valuesBetween(window.from, window.to, PAGE);
  while (read !== undefined) {
    yield [read];
    const { entries, more } = view.answer(read);
    const found = entries.flatMap(({ key }) => {
      const cidr = parseBlockKey(key);
      return cidr && containsCidr(pool.cidr, cidr) ? (inspect(view, setting, cidr, cooling) ?? []) : [];
    });
    const best = (['ours', 'reclaim', 'borrow'] as const).map((use) => found.find((each) => each.use === use));
    const chosen = best.find((each) => each !== undefined);
    if (chosen !== undefined) return chosen;
    const last = entries.at(-1);
    read = more && last !== undefined ? valuesBetween(`${last.key}\0`, window.to, PAGE) : undefined;
  }
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

/** Whether an empty block may change hands: nobody's, or a node's since long. A block of another kind of owner never. */
function isAbandoned(block: Block, now: bigint): boolean {
  if (block.affinity === null) return true;
  if (owningNode(block) === undefined) return false;
  const claimed = block.affinity_claim_time === undefined ? 0 : Date.parse(block.affinity_claim_time);
  return Number.isNaN(claimed) || Number(now / 1_000_000n) - claimed >= GRACE_MS;
}

function* placeOf(view: View, { request }: Setting, pool: Pool, { use, owner, ...place }: Found): Plan<Place> {
  if (use === 'borrow') return { ...place, pool: pool.name, writes: [], guards: [] };
  const key = owner === undefined || owner === request.node ? undefined : affinityKey(owner, place.cidr);
  if (key !== undefined) yield [one(key)];
  const forgotten: readonly Write[] = key !== undefined && view.get(key) ? [{ key, value: undefined }] : [];
  return {
    ...place,
    pool: pool.name,
    writes: [confirm(request.node, place.cidr), ...forgotten],
    guards: key !== undefined && forgotten.length === 0 ? [pool.key, key] : [pool.key],
  };
}
