import type { Answer, Entry } from '../datastore/query.ts';
import type { Ref } from '../datastore/ref.ts';
import type { KeyValue, Range, Read } from './key-store.ts';

/** A query under way: yields the reads that it needs next, is handed their ranges, and returns the answer. */
export type Search<T = Answer> = Generator<readonly Read[], T, readonly Range[]>;

/** What a key holds, as the object it is for. */
export const entryOf = (ref: Ref, { key, value, modRevision }: KeyValue): Entry => ({
  ref,
  at: key,
  value,
  version: String(modRevision),
});
