import type { Answer, BlockSearch, Entry } from '../datastore/query.ts';
import { affinityRef, type BlockRef, blockRef, type Ref, textOf } from '../datastore/ref.ts';
import type { Cidr } from '../net/cidr.ts';
import type { ApiGroup } from './api-group.ts';
import { freeFrom, inWalkOrder, Taken, type Walk, walkOf } from './block-walk.ts';
import { metadataText, specOf } from './metadata.ts';
import { blockOfName } from './object-names.ts';
import { listRequest } from './object-requests.ts';
import { keep, type Reading, readAll, readObject, readPage } from './reading.ts';

/** Settings of block searches. */
export interface BlockReading extends Reading {
  readonly group: ApiGroup;
  /** This node, which owns its blocks. */
  readonly node: string;
}

/** How many blocks at the start of this node's walk are read by name, in the hope that some do not exist. */
const CHANCES = 8;
/** Candidates per answer. */
const MOST_FREE = 64;
/** Blocks per page of the server. */
const PAGE = 500;
/** Metadata only: half a kilobyte per object. */
const NAMES = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/**
 * Blocks that can be claimed, found by the names of all the cluster's blocks, which also show overlapping blocks of other sizes.
 * The blocks where the walk begins are read as well, at the same time: one of them may be ours.
 */
export async function freeBlocks(reading: BlockReading, search: BlockSearch, deadline: number): Promise<Answer> {
  const walk = walkOf(search);
  if (search.after !== undefined) {
    return freeAmong(walk, new Taken(search.pool, await names(reading, deadline)), Number(search.after));
  }
  const chances = Array.from({ length: Math.min(CHANCES, Number(walk.count)) }, (_, step) => blockRef(walk.at(step)));
  const [blocks, ...found] = await Promise.all([
    names(reading, deadline),
    ...chances.map((ref) => readObject(reading, ref, deadline)),
  ]);
  const taken = new Taken(search.pool, blocks);
  const refs = chances.filter(({ cidr }) => !taken.bars(cidr));
  const existing = found.filter((entry): entry is Entry => entry !== undefined && isAmong(refs, entry));
  const entries = [...existing, ...(await affinitiesOfOwn(reading, existing, deadline))];
  if (existing.length === refs.length) {
    const more = freeAmong(walk, taken, chances.length);
    return { ...more, refs: [...refs, ...more.refs], entries };
  }
  return { refs, entries, ...(walk.count > BigInt(chances.length) ? { next: String(chances.length) } : {}) };
}

/**
 * The affinities of blocks that turn out to be this node's: another call has claimed them since this one listed the node's
 * affinities, so that it would write them again and lose the race.
 */
async function affinitiesOfOwn(
  reading: BlockReading,
  blocks: readonly Entry[],
  deadline: number,
): Promise<readonly Entry[]> {
  const { held, node } = reading;
  const isOwn = (ref: Ref) => specOf(held.get(ref)?.object ?? {})['affinity'] === `host:${node}`;
  const own = blocks.flatMap(({ ref }) => (ref.kind === 'block' && isOwn(ref) ? affinityRef(node, ref.cidr) : []));
  const found = await Promise.all(own.map((ref) => readObject(reading, ref, deadline)));
  return found.filter((entry) => entry !== undefined);
}

const isAmong = (refs: readonly BlockRef[], { ref }: Entry): boolean =>
  refs.some((other) => textOf(other) === textOf(ref));

function freeAmong(walk: Walk, taken: Taken, from: number): Answer {
  const { blocks, next } = freeFrom(walk, taken, from, MOST_FREE);
  return { entries: [], refs: blocks.map(blockRef), ...(next === undefined ? {} : { next: String(next) }) };
}

/** All blocks of the cluster, from their names. In one answer: further pages would be further rounds. Searches for two families share it. */
async function names(reading: BlockReading, deadline: number): Promise<readonly Cidr[]> {
  const request = listRequest({ group: reading.group, plural: 'ipamblocks' });
  const objects = await readAll(reading, { ...request, accept: NAMES, joins: true }, deadline);
  return objects.flatMap((object) => blockOfName(metadataText(object, 'name')) ?? []);
}

/** The existing blocks of a pool, page by page as the server lists them; each page is in walk order. */
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
