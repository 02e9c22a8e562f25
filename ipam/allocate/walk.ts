import { blockKey } from '../../shared/calico/keys.ts';
import { countBetween, type Plan, type View } from '../../shared/datastore/view.ts';
import { type Cidr, size } from '../../shared/net/cidr.ts';
import type { Pool } from '../config/pools.ts';
import { hash } from './hash.ts';
import { type Parent, parentsFrom, startBlock } from './parents.ts';
import type { AssignRequest } from './request.ts';
import { type Window, windowsOf } from './windows.ts';

/** Parents counted at once. */
const BATCH = 128;
/** Parents looked into before the next are counted: one with room will nearly always do. */
const FEW = 2;

interface Range {
  readonly from: string;
  readonly to: string;
}

/** Where this node's walk over a pool begins. Where each address needs a block of its own, every container begins elsewhere. */
export function walkStart(request: AssignRequest, pool: Pool): Cidr {
  const single = pool.blockSize === (pool.cidr.family === 4 ? 32 : 128);
  return startBlock(pool, hash(single ? `${request.claimSalt} ${request.handleID}` : request.claimSalt));
}

/** The windows near `start`: those of its parent, from the one that it lies in, round the end. */
export function nearWindows(pool: Pool, start: Cidr): readonly Window[] {
  const parent = parentsFrom(pool, start).next().value;
  const windows = parent ? windowsOf(pool, parent) : [];
  const key = blockKey(start);
  const own = windows.findIndex((window) => window.from <= key && key < window.to);
  return rotated(windows, BigInt(Math.max(0, own)));
}

/**
 * The windows of the next parents, `skip` of them passed already, whose number of keys is as `wanted`; undefined when all
 * have been passed.
 */
export function* farWindows(
  view: View,
  pool: Pool,
  start: Cidr,
  wanted: (count: number, parent: Parent) => boolean,
  skip: number,
): Plan<{ readonly windows: readonly Window[]; readonly next: number } | undefined> {
  const batch = [...take(parentsFrom(pool, start), 1 + skip, BATCH)];
  if (batch.length === 0) return undefined;
  const counted = yield* counts(
    view,
    batch.map(({ stem }) => ({ from: stem, to: afterStem(stem) })),
  );
  const useful = batch.flatMap((parent, at) => (wanted(counted[at] ?? 0, parent) ? at : [])).slice(0, FEW);
  const passed = useful.length === FEW ? (useful.at(-1) ?? 0) + 1 : batch.length;
  const parents = useful.flatMap((at) => batch.slice(at, at + 1));
  // Nodes whose own parents are full all come here: the upper digits of their places tell them apart.
  const windows = parents.flatMap((parent) => rotated(windowsOf(pool, parent), start.base / size(start) / 64n));
  return { windows, next: skip + passed };
}

/** The items from the one at `index`, which may be larger than there are, round the end. */
export function rotated<T>(items: readonly T[], index: bigint): readonly T[] {
  const at = items.length === 0 ? 0 : Number(index % BigInt(items.length));
  return [...items.slice(at), ...items.slice(0, at)];
}

/** How many keys lie in each range. */
export function* counts(view: View, ranges: readonly Range[]): Plan<readonly number[]> {
  const reads = ranges.map(({ from, to }) => countBetween(from, to));
  yield reads;
  return reads.map((read) => view.answer(read).count);
}

/** A stem ends with a separator; what follows is an octet or a hextet. */
const afterStem = (stem: string): string => `${stem}g`;

function* take<T>(items: Iterable<T>, from: number, count: number): Generator<T> {
  let at = 0;
  for (const item of items) {
    if (at >= from + count) return;
    if (at++ >= from) yield item;
  }
}
