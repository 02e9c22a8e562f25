import type { Answer, Entry, ListQuery, Query } from './query.ts';
import type { Ref } from './ref.ts';

/** What becomes of an object: its new value, or undefined to delete it. */
export interface Change {
  readonly ref: Ref;
  readonly next: string | undefined;
}

/**
 * A plan in progress: it yields the queries that it needs next, is passed a View with their answers, and returns its outcome.
 * It is pure and may be started again on fresh values at any time. Without transactions, these may be what a killed call
 * left between two phases of its commit (phases.ts).
 */
export type Plan<T> = Generator<readonly Query[], T, View>;

/** The outcome of a plan: changes to commit together (none: nothing to do), and the answer once they are committed. */
export interface Outcome<A> {
  readonly changes: readonly Change[];
  /** Objects that must not have changed since they were read, e.g. the pool a block is claimed from. */
  readonly guards?: readonly Ref[];
  /** What was found and ignored, one sentence each: logged as warnings. */
  readonly remarks?: readonly string[];
  readonly answer: A;
}

/** Everything read so far, for a plan to look at. */
export interface View {
  /** The object; undefined when it does not exist. Throws when it has not been read: a plan must ask first. */
  get(ref: Ref): Entry | undefined;
  /** Whether the object has been read, alone or in a list. */
  knows(ref: Ref): boolean;
  /** The objects of a list that was read, in `listOrder`. */
  list(query: ListQuery): readonly Entry[];
  /** The answer to a query for names or a search. */
  answer(query: Query): Answer;
}
