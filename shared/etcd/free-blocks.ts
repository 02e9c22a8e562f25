import type { Answer, BlockSearch, Entry, Span } from '../datastore/query.ts';
import { blockRef, type Ref } from '../datastore/ref.ts';
import { type Cidr, overlaps, size } from '../net/cidr.ts';
import { countBetween, type KeyValue, keysBetween, one, type Read } from './key-store.ts';
import { blockKey, parseBlockKey } from './keys.ts';
import { entryOf, type Search } from './search.ts';
import { cursorOf, nextParents, rotated, type Stage, stageOf, windowsAt } from './walk.ts';
import type { Window } from './windows.ts';

/** Names per answer: a window's blocks, and some of its neighbours'. */
const NAMES = 256;
/** Blocks read together with the names, because they are probably free: those where this node looks first. */
const CHANCES = 4;

/**
 * Blocks that may be claimed, a window of the pool at a time. The number of keys shows which windows are full; values are read
 * for the first few blocks only.
 */
export function* freeBlocks(search: BlockSearch): Search {
  let stage: Stage | undefined = stageOf(search, { parents: [0], passed: 1, windows: [0] });
  let here: { readonly parents: Stage['parents']; readonly windows: readonly Window[] } | undefined;
  while (stage !== undefined) {
    const { parents }: Stage = stage;
    if (here?.parents !== parents) here = { parents, windows: windowsAt(search, stage) };
    const [at, ...later] = stage.windows ?? [];
    const window = at === undefined ? undefined : here.windows[at];
    if (window === undefined) {
      stage = yield* next(search, stage, here.windows);
      continue;
    }
    const found: Answer = yield* blocksIn(window, search);
    stage = { ...stage, windows: later };
    if (found.refs.length > 0) return { ...found, next: cursorOf(stage) };
  }
  return { entries: [], refs: [] };
}

/** The windows to look into after those of the stage. */
function* next(search: BlockSearch, stage: Stage, windows: readonly Window[]): Search<Stage | undefined> {
  const { parents, passed } = stage;
  // Near its start, the walk looks into the first window before it counts the others.
  if (stage.windows === undefined) return { parents, passed, windows: yield* openWindows(windows, 0) };
  if (parents[0] === 0 && stage.counted !== true) {
    return { parents, passed, windows: yield* openWindows(windows, 1), counted: true };
  }
  return yield* nextParents(search, passed, (count, parent) => count < parent.size);
}

/** The windows from `skip` on whose number of keys shows that a block is free, then those that may have a free block. */
function* openWindows(windows: readonly Window[], skip: number): Search<readonly number[]> {
  const counted = yield windows.slice(skip).map(({ from, to }) => countBetween(from, to));
  const fill = windows.map((window, at) => ({ at, window, count: counted[at - skip]?.count ?? 0 })).slice(skip);
  const open = fill.filter(({ window, count }) => count < window.size);
  const doubtful = fill.filter(({ window, count }) => !window.exact && count >= window.size);
  return [...open, ...doubtful].map(({ at }) => at);
}

/**
 * The free blocks of a window, starting at this node's place in it. The names are read together with the first blocks, so one
 * round trip is usually enough.
 */
function* blocksIn(window: Window, { start, except = [] }: BlockSearch): Search {
  const blocks = blocksFrom(window, start).filter((block) => !except.some((span) => covers(span, block)));
  if (blocks.length === 0) return { entries: [], refs: [] };
  const chances = blocks.slice(0, CHANCES);
  const [names, ...values] = yield [namesOf(window), ...chances.map((block) => one(blockKey(block)))];
  const stored = values.flatMap(({ entries }) => entries);
  const taken = new Set(names?.entries.map(({ key }) => key));
  let last = names?.more ? names.entries.at(-1)?.key : undefined;
  while (last !== undefined) {
    const [more] = yield [namesOf(window, `${last}\0`)];
    for (const { key } of more?.entries ?? []) taken.add(key);
    last = more?.more ? more.entries.at(-1)?.key : undefined;
  }
  const looked = new Set(chances.map(({ text }) => text));
  const isCandidate = (block: Cidr) => looked.has(block.text) || !taken.has(blockKey(block));
  const refs = unobstructed(blocks, taken).filter(isCandidate).map(blockRef);
  return { refs, entries: refs.flatMap((ref) => entryAt(ref, stored)) };
}

const covers = ({ from, to }: Span, block: Cidr): boolean => from <= block.base && block.base + size(block) <= to;

function entryAt(ref: Ref & { readonly cidr: Cidr }, stored: readonly KeyValue[]): Entry | readonly Entry[] {
  const found = stored.find(({ key }) => key === blockKey(ref.cidr));
  return found === undefined ? [] : entryOf(ref, found);
}

/** The window's blocks from this node's place to the end, then from the beginning. The place differs by window but not by call. */
function blocksFrom(window: Window, start: Cidr): readonly Cidr[] {
  const blocks = window.blocks();
  const own = blocks.findIndex((block) => block.text === start.text);
  return rotated(blocks, own === -1 ? start.base / size(start) : BigInt(own));
}

/** Blocks that contain no block of another size: the block size of a pool may have been changed by force. */
function unobstructed(blocks: readonly Cidr[], names: Iterable<string>): readonly Cidr[] {
  const usual = `-${blocks[0]?.length}`;
  const strangers = [...names].filter((key) => !key.endsWith(usual)).flatMap((key) => parseBlockKey(key) ?? []);
  if (strangers.length === 0) return blocks;
  return blocks.filter((block) => !strangers.some((stranger) => overlaps(stranger, block)));
}

const namesOf = (window: Window, from = window.from): Read => keysBetween(from, window.to, NAMES);
