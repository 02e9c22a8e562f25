import { blockKey, parseBlockKey } from '../../shared/calico/keys.ts';
import type { Block } from '../../shared/calico/model.ts';
import { keysBetween, one, type Plan, type Read, type View } from '../../shared/datastore/view.ts';
import { type Cidr, overlaps, size } from '../../shared/net/cidr.ts';
import { confirm } from '../block/affinity.ts';
import { ask, type Cooling, tryBlockAt } from '../block/ask.ts';
import { firstFree, isOwnedBy, newBlock } from '../block/block.ts';
import { blocksIn, type Pool } from '../config/pools.ts';
import { whollyReserved } from '../config/reservations.ts';
import type { Place } from './place.ts';
import type { Setting } from './setting.ts';
import { counts, farWindows, nearWindows, rotated, walkStart } from './walk.ts';
import type { Window } from './windows.ts';

/** Names in one answer: a window's blocks, and some of its neighbours'. */
const NAMES = 256;
/** Blocks fetched on the chance that they are missing: those where this node looks first, or holes that names have shown. */
const CHANCES = 4;

/** A block with room, as it is before the address is taken: one that nobody has, or one of ours without a claim. */
interface Hole {
  readonly cidr: Cidr;
  readonly block: Block;
}

/** What a block may be claimed for. */
interface Want {
  /** Whether the block, once claimed, would have an address that is not reserved. */
  readonly isOpen: (cidr: Cidr) => boolean;
  /** The hole at a block whose key is known. */
  readonly look: (cidr: Cidr) => Hole | undefined;
}

/**
 * Finds a block to claim, in pool order and from this node's own place in each pool. Full stretches are told from others by
 * their number of keys; no value is read but of the first few blocks.
 */
export function* claim(
  view: View,
  setting: Setting,
  pools: readonly Pool[],
  cooling: Cooling,
): Plan<Place | undefined> {
  const { request, reservations } = setting;
  const want: Want = {
    isOpen: (cidr) => !whollyReserved(reservations, cidr) && !setting.lost.has(cidr.text),
    look: (cidr) => {
      const found = tryBlockAt(view, cidr, cooling) ?? newBlock(cidr, request.node, request.now);
      if (typeof found === 'string' || !isOwnedBy(found, request.node)) return undefined;
      return firstFree(found, cidr, reservations) === undefined ? undefined : { cidr, block: found };
    },
  };
  for (const pool of pools) {
    if (blocksIn(pool) === 0n || whollyReserved(reservations, pool.cidr)) continue;
    const hole = yield* holeInPool(view, pool, walkStart(request, pool), want);
    const ordinal = hole && firstFree(hole.block, hole.cidr, reservations);
    if (hole === undefined || ordinal === undefined) continue;
    return {
      ...hole,
      ordinals: [ordinal],
      pool: pool.name,
      writes: [confirm(request.node, hole.cidr)],
      guards: [pool.key],
    };
  }
  return undefined;
}

function* holeInPool(view: View, pool: Pool, start: Cidr, want: Want): Plan<Hole | undefined> {
  const [first, ...rest] = nearWindows(pool, start);
  if (first === undefined) return undefined;
  const near = (yield* holeIn(view, first, start, want)) ?? (yield* holeAmong(view, rest, start, want));
  if (near !== undefined) return near;
  const isOpen = (count: number, { size }: { readonly size: number }) => count < size;
  let far = yield* farWindows(view, pool, start, isOpen, 0);
  while (far !== undefined) {
    const hole = yield* holeAmong(view, far.windows, start, want);
    if (hole !== undefined) return hole;
    far = yield* farWindows(view, pool, start, isOpen, far.next);
  }
  return undefined;
}

/** The blocks in which no block of another size lies: a pool whose block size was changed by force. */
function unobstructed(blocks: readonly Cidr[], names: Iterable<string>): readonly Cidr[] {
  const length = blocks[0]?.length;
  const strangers = [...names].flatMap((key) => parseBlockKey(key) ?? []).filter((other) => other.length !== length);
  return blocks.filter((block) => !strangers.some((stranger) => overlaps(stranger, block)));
}

/** The first hole of the windows that their numbers of keys show to have one, then of those that may. */
function* holeAmong(view: View, windows: readonly Window[], start: Cidr, want: Want): Plan<Hole | undefined> {
  const counted = yield* counts(view, windows);
  const open = windows.filter((window, at) => (counted[at] ?? 0) < window.size);
  const doubtful = windows.filter((window, at) => !window.exact && (counted[at] ?? 0) >= window.size);
  for (const window of [...open, ...doubtful]) {
    const hole = yield* holeIn(view, window, start, want);
    if (hole !== undefined) return hole;
  }
  return undefined;
}

/**
 * A hole of the window, the first from where this node begins. The names come with the first blocks themselves, so that one
 * round trip finds most holes, and after a lost race the next one is known already.
 */
function* holeIn(view: View, window: Window, start: Cidr, want: Want): Plan<Hole | undefined> {
  const blocks = blocksFrom(window, start).filter(want.isOpen);
  const chances = blocks.slice(0, CHANCES);
  const keys = chances.map(blockKey);
  if (blocks.length === 0) return undefined;
  if (keys.every((key) => view.knows(key))) {
    return firstHole(chances, want) ?? (yield* holeByName(view, window, blocks, want));
  }
  yield [namesOf(window), ...keys.map(one)];
  const names = view.answer(namesOf(window)).entries.map(({ key }) => key);
  return firstHole(unobstructed(chances, names), want) ?? (yield* holeByName(view, window, blocks, want));
}

/** The window's blocks from this node's place on, round the end: another place in each window, but the same for each call. */
function blocksFrom(window: Window, start: Cidr): readonly Cidr[] {
  const blocks = window.blocks();
  const own = blocks.findIndex((block) => block.text === start.text);
  return rotated(blocks, own === -1 ? start.base / size(start) : BigInt(own));
}

/** The first of `blocks` that names show to be missing, and nothing of another size to lie in. */
function* holeByName(view: View, window: Window, blocks: readonly Cidr[], want: Want): Plan<Hole | undefined> {
  const names = yield* allNames(view, window);
  const missing = unobstructed(blocks, names).filter((block) => !names.has(blockKey(block)));
  for (let from = 0; from < missing.length; from += CHANCES) {
    const chances = missing.slice(from, from + CHANCES);
    yield* ask(view, chances.map(blockKey));
    const hole = firstHole(chances, want);
    if (hole !== undefined) return hole;
  }
  return undefined;
}

function firstHole(blocks: readonly Cidr[], { look }: Want): Hole | undefined {
  for (const block of blocks) {
    const hole = look(block);
    if (hole !== undefined) return hole;
  }
  return undefined;
}

const namesOf = (window: Window, from = window.from): Read => keysBetween(from, window.to, NAMES);

function* allNames(view: View, window: Window): Plan<ReadonlySet<string>> {
  const names = new Set<string>();
  let read: Read | undefined = namesOf(window);
  while (read !== undefined) {
    yield [read];
    const { entries, more } = view.answer(read);
    for (const { key } of entries) names.add(key);
    const last = entries.at(-1);
    read = more && last !== undefined ? namesOf(window, `${last.key}\0`) : undefined;
  }
  return names;
}
