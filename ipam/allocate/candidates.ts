import type { Block } from '../../shared/calico/model.ts';
import { blockRef, poolRef } from '../../shared/datastore/ref.ts';
import type { Change, View } from '../../shared/datastore/view.ts';
import { type Affine, confirm, forget, isConfirmed } from '../block/affinity.ts';
import { type Cooling, tryBlockAt } from '../block/ask.ts';
import { firstFree, isOwnedBy, newBlock, rewritten } from '../block/block.ts';
import { encodeBlock } from '../block/block-json.ts';
import { type Pool, poolOf } from '../config/pools.ts';
import { whollyReserved } from '../config/reservations.ts';
import type { Place } from './place.ts';
import type { Setting } from './setting.ts';

/** What was found in the blocks that a node claims. */
export interface Visited {
  readonly place: Place | undefined;
  /** Repairs of broken claims met on the way. */
  readonly mends: readonly Change[];
  /** Blocks that count towards the limit. */
  readonly owned: number;
  /** One sentence for each block that could not be read. */
  readonly complaints: readonly string[];
}

/** Most claims repaired in one commit, which has room for 128 objects. */
const MOST_MENDS = 24;

/** The node's claims in usable pools, in list order. */
export const candidatesIn = (affine: readonly Affine[], pools: readonly Pool[]): readonly Affine[] =>
  affine.filter(({ cidr }) => poolOf(pools, cidr) !== undefined);

/**
 * Looks for a free address in the blocks that a node claims, in list order. Broken claims met on the way are repaired as Calico
 * does: a claim on another node's block is deleted; a pending or half-released one is confirmed again, and its block rewritten so
 * that a release under way fails; a missing block is created.
 */
export function visit(view: View, setting: Setting, candidates: readonly Affine[], cooling: Cooling): Visited {
  const looks = candidates.map((affine) => ({ affine, block: tryBlockAt(view, affine.cidr, cooling) }));
  const { node } = setting.request;
  const isOurs = (block: Block | string | undefined) => typeof block !== 'object' || isOwnedBy(block, node);
  const ours = looks.filter(({ block }) => isOurs(block));
  const strangers = looks.filter(({ block }) => !isOurs(block)).slice(0, MOST_MENDS);
  const mends: Change[] = strangers.map(({ affine }) => forget(affine));
  const complaints = ours.flatMap(({ block }) => (typeof block === 'string' ? block : []));
  for (const { affine, block } of ours) {
    if (typeof block === 'string' || whollyReserved(setting.reservations, affine.cidr)) continue;
    const place = placeIn(setting, affine, block);
    if (place !== undefined) return { place, mends, owned: ours.length, complaints };
    if (block !== undefined && mends.length < MOST_MENDS) mends.push(...mended(node, affine, block));
  }
  return { place: undefined, mends, owned: ours.length, complaints };
}

function placeIn(setting: Setting, affine: Affine, found: Block | undefined): Place | undefined {
  const { request, reservations, pools } = setting;
  const block = found ?? newBlock(affine.cidr, request.node, request.now);
  const ordinal = firstFree(block, affine.cidr, reservations);
  if (ordinal === undefined) return undefined;
  const sound = found !== undefined && isConfirmed(affine);
  const pool = poolOf(pools, affine.cidr);
  return {
    cidr: affine.cidr,
    block,
    ordinals: [ordinal],
    pool: pool?.name ?? '',
    changes: sound ? [] : [confirm(request.node, affine.cidr)],
    guards: found === undefined && pool !== undefined ? [poolRef(pool.name)] : [],
  };
}

/** Repairs the state of a claim on an own block from which no address is taken. */
export const mended = (node: string, affine: Affine, block: Block): readonly Change[] =>
  isConfirmed(affine)
    ? []
    : [confirm(node, affine.cidr), { ref: blockRef(affine.cidr), next: encodeBlock(rewritten(block)) }];
