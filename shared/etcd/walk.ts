import type { BlockSearch, Cursor } from '../datastore/query.ts';
import { type Cidr, size } from '../net/cidr.ts';
import { countBetween } from './key-store.ts';
import { blockKey } from './keys.ts';
import { type Parent, parentsFrom, type SearchedPool } from './parents.ts';
import type { Search } from './search.ts';
import { type Window, windowsOf } from './windows.ts';

/** Parents counted at once. */
const BATCH = 128;
/** Parents looked into before the next are counted: one with room is nearly always enough. */
const FEW = 2;

/** The position of a walk over a pool's windows: the parents it is in, and which of their windows are left. */
export interface Stage {
  /** Numbers of the parents, counted from the one where the walk begins. */
  readonly parents: readonly number[];
  /** How many parents will have been visited after these. */
  readonly passed: number;
  /** Numbers of the windows, in the order to visit them; undefined before they have been chosen. */
  readonly windows?: readonly number[] | undefined;
  /** Near the start: whether the windows after the first have been counted. */
  readonly counted?: boolean;
  /** The key to continue at in the first of them. */
  readonly from?: string | undefined;
}

/** The stage that a search continues with. */
export const stageOf = ({ after }: BlockSearch, begin: Stage): Stage =>
  after === undefined ? begin : (JSON.parse(after) as Stage);

export const cursorOf = (stage: Stage): Cursor => JSON.stringify(stage);

/** The windows of a stage's parents, those where the walk begins first. */
export function windowsAt({ pool, start }: BlockSearch, { parents }: Stage): readonly Window[] {
  if (parents[0] === 0) return nearWindows(pool, start);
  // Nodes whose own parents are full all come here: the upper digits of their places spread them.
  return parents.flatMap((at) =>
    parentsBetween(pool, start, at, at + 1).flatMap((parent) =>
      rotated(windowsOf(pool, parent), start.base / size(start) / 64n),
    ),
  );
}

/** The windows near `start`: those of its parent, from the one that contains it to the end, then from the beginning. */
export function nearWindows(pool: SearchedPool, start: Cidr): readonly Window[] {
  const windows = parentsBetween(pool, start, 0, 1).flatMap((parent) => windowsOf(pool, parent));
  const key = blockKey(start);
  const own = windows.findIndex((window) => window.from <= key && key < window.to);
  return rotated(windows, BigInt(Math.max(0, own)));
}

/** The next parents whose number of keys is as `wanted`; undefined when all have been visited. */
export function* nextParents(
  { pool, start }: BlockSearch,
  passed: number,
  wanted: (count: number, parent: Parent) => boolean,
): Search<Stage | undefined> {
  const batch = parentsBetween(pool, start, passed, passed + BATCH);
  if (batch.length === 0) return undefined;
  const counted = yield batch.map(({ stem }) => countBetween(stem, afterStem(stem)));
  const useful = batch.flatMap((parent, at) => (wanted(counted[at]?.count ?? 0, parent) ? at : [])).slice(0, FEW);
  const looked = useful.length === FEW ? (useful.at(-1) ?? 0) + 1 : batch.length;
  return { parents: useful.map((at) => passed + at), passed: passed + looked };
}

/** The items from `index` (modulo their number) to the end, then from the beginning. */
export function rotated<T>(items: readonly T[], index: bigint): readonly T[] {
  const at = items.length === 0 ? 0 : Number(index % BigInt(items.length));
  return [...items.slice(at), ...items.slice(0, at)];
}

/** A stem ends with a separator, followed by an octet or a hextet. */
const afterStem = (stem: string): string => `${stem}g`;

function parentsBetween(pool: SearchedPool, start: Cidr, from: number, to: number): readonly Parent[] {
  const found: Parent[] = [];
  let at = 0;
  for (const parent of parentsFrom(pool, start)) {
    if (at >= to) break;
    if (at++ >= from) found.push(parent);
  }
  return found;
}
