import type { BlockSearch, Entry } from '../datastore/query.ts';
import { blockRef } from '../datastore/ref.ts';
import { containsCidr } from '../net/cidr.ts';
import { type KeyValue, type Range, valuesBetween } from './key-store.ts';
import { parseBlockKey } from './keys.ts';
import { entryOf, type Search } from './search.ts';
import { cursorOf, nextParents, type Stage, stageOf, windowsAt } from './walk.ts';

/** Blocks whose values are read at once: a full one of 64 addresses takes 16 KB. */
const PAGE = 64;

/** Existing blocks of a pool, in the order of freeBlocks: all windows near the start, then parents that have any. */
export function* usedBlocks(search: BlockSearch): Search {
  let stage: Stage | undefined = stageOf(search, { parents: [0], passed: 1 });
  while (stage !== undefined) {
    const windows = windowsAt(search, stage);
    const left: readonly number[] = stage.windows ?? [...windows.keys()];
    const window = windows[left[0] ?? windows.length];
    if (window === undefined) {
      stage = yield* nextParents(search, stage.passed, (count) => count > 0);
      continue;
    }
    const [range] = yield [valuesBetween(stage.from ?? window.from, window.to, PAGE)];
    stage = afterPage(stage, left, range);
    const entries = (range?.entries ?? []).flatMap((found) => blockOfPool(search, found));
    if (entries.length > 0) return { entries, refs: [], next: cursorOf(stage) };
  }
  return { entries: [], refs: [] };
}

/** Continues in the same window after a page cut by its limit, otherwise in the next one. */
function afterPage({ parents, passed }: Stage, left: readonly number[], range: Range | undefined): Stage {
  const last = range?.more ? range.entries.at(-1) : undefined;
  if (last === undefined) return { parents, passed, windows: left.slice(1) };
  return { parents, passed, windows: left, from: `${last.key}\0` };
}

function blockOfPool({ pool }: BlockSearch, found: KeyValue): readonly Entry[] {
  const cidr = parseBlockKey(found.key);
  return cidr !== undefined && containsCidr(pool.cidr, cidr) ? [entryOf(blockRef(cidr), found)] : [];
}
