import { blockKey, parseBlockKey } from '../shared/calico/keys.ts';
import type { Block } from '../shared/calico/model.ts';
import { keysBetween, one, type Plan, type Read, type View } from '../shared/etcd/view.ts';
import { type Cidr, overlaps } from '../shared/net/cidr.ts';
import { confirm } from './affinity.ts';
import { ask, type Cooling, tryBlockAt } from './ask.ts';
import { firstFree, isOwnedBy, newBlock } from './block.ts';
import type { Place } from './place.ts';
import { blocksIn, type Pool } from './pools.ts';
import { whollyReserved } from './reservations.ts';
import type { Setting } from './setting.ts';
import { counts, farWindows, nearWindows, walkStart } from './walk.ts';
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

/** Looks at a block whose key is known. */
type Look = (cidr: Cidr) => Hole | undefined;

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
  const look: Look = (cidr) => {
    const found = tryBlockAt(view, cidr, cooling) ?? newBlock(cidr, request.node, request.now);
    if (typeof found === 'string' || !isOwnedBy(found, request.node)) return undefined;
    return firstFree(found, cidr, reservations) === undefined ? undefined : { cidr, block: found };
  };
  for (const pool of pools) {
    if (blocksIn(pool) === 0n || whollyReserved(reservations, pool.cidr)) continue;
    const hole = yield* holeInPool(view, pool, walkStart(request, pool), look);
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

function* holeInPool(view: View, pool: Pool, start: Cidr, look: Look): Plan<Hole | undefined> {
  const [first, ...rest] = nearWindows(pool, start);
  if (first === undefined) return undefined;
  const near = (yield* holeNear(view, first, start, look)) ?? (yield* holeAmong(view, rest, look));
  if (near !== undefined) return near;
  const isOpen = (count: number, { size }: { readonly size: number }) => count < size;
  let far = yield* farWindows(view, pool, start, isOpen, 0);
  while (far !== undefined) {
    const hole = yield* holeAmong(view, far.windows, look);
    if (hole !== undefined) return hole;
    far = yield* farWindows(view, pool, start, isOpen, far.next);
  }
  return undefined;
}

/** The hole nearest to where this node begins. After a lost race the next one is known already. */
function* holeNear(view: View, window: Window, start: Cidr, look: Look): Plan<Hole | undefined> {
  const blocks = window.blocks();
  const at = Math.max(
    0,
    blocks.findIndex((block) => block.text === start.text),
  );
  const rotated = [...blocks.slice(at), ...blocks.slice(0, at)];
  const chances = rotated.slice(0, CHANCES);
  const keys = chances.map(blockKey);
  if (!keys.every((key) => view.knows(key))) yield [namesOf(window), ...keys.map(one)];
  return firstHole(chances, look) ?? (yield* holeIn(view, window, rotated, look));
}

/** The first hole of the windows that their numbers of keys show to have one, then of those that may. */
function* holeAmong(view: View, windows: readonly Window[], look: Look): Plan<Hole | undefined> {
  const counted = yield* counts(view, windows);
  const open = windows.filter((window, at) => (counted[at] ?? 0) < window.size);
  const doubtful = windows.filter((window, at) => !window.exact && (counted[at] ?? 0) >= window.size);
  for (const window of [...open, ...doubtful]) {
    const hole = yield* holeIn(view, window, window.blocks(), look);
    if (hole !== undefined) return hole;
  }
  return undefined;
}

/** The first of `blocks` that names show to be missing, and nothing of another size to lie in. */
function* holeIn(view: View, window: Window, blocks: readonly Cidr[], look: Look): Plan<Hole | undefined> {
  const names = yield* allNames(view, window);
  const strangers = [...names]
    .flatMap((key) => parseBlockKey(key) ?? [])
    .filter(({ length }) => length !== blocks[0]?.length);
  const missing = blocks.filter(
    (block) => !names.has(blockKey(block)) && !strangers.some((stranger) => overlaps(stranger, block)),
  );
  for (let from = 0; from < missing.length; from += CHANCES) {
    const chances = missing.slice(from, from + CHANCES);
    yield* ask(view, chances.map(blockKey));
    const hole = firstHole(chances, look);
    if (hole !== undefined) return hole;
  }
  return undefined;
}

function firstHole(blocks: readonly Cidr[], look: Look): Hole | undefined {
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
