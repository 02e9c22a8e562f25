import type { Answer, BlockSearch, Entry } from '../datastore/query.ts';
import { type BlockRef, blockRef, textOf } from '../datastore/ref.ts';
import type { Cidr } from '../net/cidr.ts';
import type { ApiGroup } from './api-group.ts';
import { freeFrom, inWalkOrder, Taken, type Walk, walkOf } from './block-walk.ts';
import { metadataText } from './metadata.ts';
import { blockOfName } from './object-names.ts';
import { listRequest } from './object-requests.ts';
import { keep, type Reading, readObject, readPage } from './reading.ts';

/** How searches ask for blocks. */
export interface BlockReading extends Reading {
  readonly group: ApiGroup;
}

/** Blocks asked for by name on the chance that they are missing: those where this node looks first. */
const CHANCES = 8;
/** Candidates in one answer. */
const MOST_FREE = 64;
/** Names, or blocks, in one answer of the server. */
const PAGE = 500;
/** Objects without what is in them: half a kilobyte each. */
const NAMES = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/**
 * Blocks that may be claimed. First those where the walk begins, each by its name, together with the names of the cluster's
 * first blocks: in most clusters these are all, and show what of another size is in the way. Then among all names.
 */
export async function freeBlocks(reading: BlockReading, search: BlockSearch, deadline: number): Promise<Answer> {
  const walk = walkOf(search);
  if (search.after !== undefined) {
    const { blocks } = await names(reading, '', deadline);
    return freeAmong(walk, new Taken(search.pool, blocks), Number(search.after));
  }
  const chances = Array.from({ length: Math.min(CHANCES, Number(walk.count)) }, (_, step) => blockRef(walk.at(step)));
  const [known, ...found] = await Promise.all([
    names(reading, String(PAGE), deadline),
    ...chances.map((ref) => readObject(reading, ref, deadline)),
  ]);
  const taken = new Taken(search.pool, known.blocks);
  const refs = chances.filter(({ cidr }) => !taken.bars(cidr));
  const entries = found.filter((entry): entry is Entry => entry !== undefined && isAmong(refs, entry));
  if (known.isAll && entries.length === refs.length) {
    const more = freeAmong(walk, taken, chances.length);
    return { ...more, refs: [...refs, ...more.refs], entries };
  }
  return { refs, entries, ...(walk.count > BigInt(chances.length) ? { next: String(chances.length) } : {}) };
}

const isAmong = (refs: readonly BlockRef[], { ref }: Entry): boolean =>
  refs.some((other) => textOf(other) === textOf(ref));

function freeAmong(walk: Walk, taken: Taken, from: number): Answer {
  const { blocks, next } = freeFrom(walk, taken, from, MOST_FREE);
  return { entries: [], refs: blocks.map(blockRef), ...(next === undefined ? {} : { next: String(next) }) };
}

/** The blocks of the cluster by their names; all of them when `limit` is ''. */
async function names(
  reading: BlockReading,
  limit: string,
  deadline: number,
): Promise<{ readonly blocks: readonly Cidr[]; readonly isAll: boolean }> {
  const request = listRequest({ group: reading.group, plural: 'ipamblocks' }, { limit });
  const { objects, next } = await readPage(reading, { ...request, accept: NAMES }, deadline);
  return { blocks: objects.flatMap((object) => blockOfName(metadataText(object, 'name')) ?? []), isAll: next === '' };
}

/** Blocks of a pool that exist, some at a time: as the server lists them, each part in the order of the walk. */
export async function usedBlocks(reading: BlockReading, search: BlockSearch, deadline: number): Promise<Answer> {
  const parameters = { limit: String(PAGE), continue: search.after ?? '' };
  const request = listRequest({ group: reading.group, plural: 'ipamblocks' }, parameters);
  const { objects, next } = await readPage(reading, request, deadline);
  const entries = keep(reading, reading.access('block'), objects);
  const blocks = entries.flatMap((entry) => (entry.ref.kind === 'block' ? { entry, cidr: entry.ref.cidr } : []));
  return {
    entries: inWalkOrder(search, blocks, ({ cidr }) => cidr).map(({ entry }) => entry),
    refs: [],
    ...(next === '' ? {} : { next }),
  };
}
