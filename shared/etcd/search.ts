import type { Answer, Entry } from '../datastore/query.ts';
import type { Ref } from '../datastore/ref.ts';
import type { KeyValue, Range, Read } from './key-store.ts';

/** A query in progress: yields the reads that it needs next, is passed their ranges, and returns the answer. */
export type Search<T = Answer> = Generator<readonly Read[], T, readonly Range[]>;

/** The value of a key, as the object that it is for. */
export const entryOf = (ref: Ref, { key, value, modRevision }: KeyValue): Entry => ({
  ref,
  at: key,
  value,
  version: String(modRevision),
});
