import type { Answer, Entry, ListQuery, Query } from './query.ts';
import type { Ref } from './ref.ts';

/** What becomes of an object: its new value, or undefined to delete it. */
export interface Change {
  readonly ref: Ref;
  readonly next: string | undefined;
}

/**
 * A decision under way: it yields the queries whose answers it needs next, is handed a View that holds them, and returns.
 * It is pure and may be started again on fresher values at any time. On a datastore without transactions these may be what a
 * killed call left between two phases of its commit (phases.ts).
 */
export type Plan<T> = Generator<readonly Query[], T, View>;

/** What a decision comes to: changes to commit together (none: nothing to do) and the answer that holds once they are in. */
export interface Outcome<A> {
  readonly changes: readonly Change[];
  /** Objects that must still be as they were read, e.g. the pool a block is claimed from. */
  readonly guards?: readonly Ref[];
  /** What was found on the way and left out of account, a sentence each: logged as warnings. */
  readonly remarks?: readonly string[];
  readonly answer: A;
}

/** Everything read so far, as a decision may look at it. */
export interface View {
  /** The object; undefined when it does not exist. Throws when it was never read: a decision must ask first. */
  get(ref: Ref): Entry | undefined;
  /** Whether the object has been read, alone or in a list. */
  knows(ref: Ref): boolean;
  /** The objects of a list that was read, in `listOrder`. */
  list(query: ListQuery): readonly Entry[];
  /** The answer to a query for names or a search. */
  answer(query: Query): Answer;
}
