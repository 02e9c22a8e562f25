import type { BlockSearch } from '../datastore/query.ts';
import { blockRef } from '../datastore/ref.ts';
import { containsCidr } from '../net/cidr.ts';
import { valuesBetween } from './key-store.ts';
import { parseBlockKey } from './keys.ts';
import { entryOf, type Search } from './search.ts';
import { cursorOf, nextParents, type Stage, stageOf, windowsAt } from './walk.ts';

/** Blocks whose values are read at once: a full one of 64 addresses takes 16 KB. */
const PAGE = 64;

/** Blocks of a pool that exist, in the order in which freeBlocks walks: all windows near the start, then parents that hold any. */
export function* usedBlocks(search: BlockSearch): Search {
  let stage: Stage | undefined = stageOf(search, { parents: [0], passed: 1 });
  while (stage !== undefined) {
    const windows = windowsAt(search, stage);
    const [at, ...later] = stage.windows ?? windows.keys();
    const window = at === undefined ? undefined : windows[at];
    if (at === undefined || window === undefined) {
      stage = yield* nextParents(search, stage.passed, (count) => count > 0);
      continue;
    }
    const [range] = yield [valuesBetween(stage.from ?? window.from, window.to, PAGE)];
    const last = range?.more ? range.entries.at(-1) : undefined;
    const { parents, passed } = stage;
    stage =
      last === undefined
        ? { parents, passed, windows: later }
        : { parents, passed, windows: [at, ...later], from: `${last.key}\0` };
    const entries = (range?.entries ?? []).flatMap((found) => {
      const cidr = parseBlockKey(found.key);
      return cidr && containsCidr(search.pool.cidr, cidr) ? entryOf(blockRef(cidr), found) : [];
    });
    if (entries.length > 0) return { entries, refs: [], next: cursorOf(stage) };
  }
  return { entries: [], refs: [] };
}
