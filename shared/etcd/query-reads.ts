import type { Answer, Entry, Query } from '../datastore/query.ts';
import { freeBlocks } from './free-blocks.ts';
import { one, type Range, type Read, under } from './key-store.ts';
import { keyOf, prefixesOf, refIn } from './keys.ts';
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

/** What it comes to. Plain loops: a call comes here a few times, when a function costs more than what it does. */
export function answerFrom(query: Lookup, ranges: readonly Range[]): Answer {
  const entries: Entry[] = [];
  for (const range of ranges) {
    for (const found of range.entries) {
      const ref = 'get' in query ? query.get : refIn(query, found.key);
      if (ref !== undefined) entries.push(entryOf(ref, found));
    }
  }
  if ('get' in query || query.only === undefined) return { entries, refs: [] };
  return { entries: [], refs: entries.map(({ ref }) => ref) };
}

/** How any query is answered from keys. */
export function searchFor(query: Query): Search {
  if (isLookup(query)) return lookUp(query);
  return 'freeBlocks' in query ? freeBlocks(query.freeBlocks) : usedBlocks(query.usedBlocks);
}

function* lookUp(query: Lookup): Search {
  return answerFrom(query, yield readsOf(query));
}
