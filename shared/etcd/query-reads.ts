import { type Entry, type ListQuery, type Query, selects } from '../datastore/query.ts';
import type { Ref } from '../datastore/ref.ts';
import { freeBlocks } from './free-blocks.ts';
import { type KeyValue, one, under } from './key-store.ts';
import { keyOf, prefixesOf, refOf } from './keys.ts';
import { entryOf, type Search } from './search.ts';
import { usedBlocks } from './used-blocks.ts';

/** How to answer a query from etcd's keys. */
export function searchFor(query: Query): Search {
  if ('get' in query) return object(query.get);
  if ('all' in query) return list(query);
  return 'freeBlocks' in query ? freeBlocks(query.freeBlocks) : usedBlocks(query.usedBlocks);
}

function* object(ref: Ref): Search {
  const [range] = yield [one(keyOf(ref))];
  return { entries: (range?.entries ?? []).map((found) => entryOf(ref, found)), refs: [] };
}

function* list(query: ListQuery): Search {
  const ranges = yield prefixesOf(query).map((prefix) =>
    query.only === 'names' ? { ...under(prefix), only: 'keys' as const } : under(prefix),
  );
  const entries = ranges.flatMap((range) => range.entries.flatMap((found) => known(query, found)));
  return query.only === 'names' ? { entries: [], refs: entries.map(({ ref }) => ref) } : { entries, refs: [] };
}

function known(query: ListQuery, found: KeyValue): readonly Entry[] {
  const ref = refOf(found.key);
  return ref !== undefined && selects(query, ref) ? [entryOf(ref, found)] : [];
}
