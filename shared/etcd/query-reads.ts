import { type Answer, type Entry, type ListQuery, type Query, selects } from '../datastore/query.ts';
import { freeBlocks } from './free-blocks.ts';
import { type KeyValue, one, type Range, type Read, under } from './key-store.ts';
import { keyOf, prefixesOf, refOf } from './keys.ts';
import { entryOf, type Search } from './search.ts';
import { usedBlocks } from './used-blocks.ts';

/** A query that reads once. */
export type Lookup = Exclude<Query, { readonly freeBlocks: unknown } | { readonly usedBlocks: unknown }>;

export const isLookup = (query: Query): query is Lookup => 'get' in query || 'all' in query;

/** What a lookup reads. */
export function readsOf(query: Lookup): readonly Read[] {
  if ('get' in query) return [one(keyOf(query.get))];
  const ranges = prefixesOf(query).map(under);
  return query.only === 'names' ? ranges.map((range) => ({ ...range, only: 'keys' })) : ranges;
}

/** What it comes to. */
export function answerFrom(query: Lookup, ranges: readonly Range[]): Answer {
  const found = ranges.flatMap((range) => range.entries);
  if ('get' in query) return { entries: found.map((each) => entryOf(query.get, each)), refs: [] };
  const entries = found.flatMap((each) => known(query, each));
  return query.only === 'names' ? { entries: [], refs: entries.map(({ ref }) => ref) } : { entries, refs: [] };
}

function known(query: ListQuery, found: KeyValue): readonly Entry[] {
  const ref = refOf(found.key);
  return ref !== undefined && selects(query, ref) ? [entryOf(ref, found)] : [];
}

/** How any query is answered from keys. */
export function searchFor(query: Query): Search {
  if (isLookup(query)) return lookUp(query);
  return 'freeBlocks' in query ? freeBlocks(query.freeBlocks) : usedBlocks(query.usedBlocks);
}

function* lookUp(query: Lookup): Search {
  return answerFrom(query, yield readsOf(query));
}
