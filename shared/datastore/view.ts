/** One read from etcd: a single key, or the keys in [from, to) with values, names only, or just their number. */
export interface Read {
  readonly from: string;
  readonly to?: string;
  readonly only?: 'keys' | 'count';
  readonly limit?: number;
}

/** A key as etcd holds it. `value` is '' for a names-only read. */
export interface Entry {
  readonly key: string;
  readonly value: string;
  readonly modRevision: number;
}

/** What etcd answered to one Read. `count` is the number of keys in the whole range, `more` whether the limit cut it. */
export interface Answer {
  readonly entries: readonly Entry[];
  readonly more: boolean;
  readonly count: number;
}

/** A put, or a delete when `value` is undefined. */
export interface Write {
  readonly key: string;
  readonly value: string | undefined;
}

/**
 * A decision under way: it yields the reads it needs next, is handed a View that holds them, and returns.
 * It is pure and may be started again on fresher values at any time.
 */
export type Plan<T> = Generator<readonly Read[], T, View>;

/** What a decision comes to: writes to commit together (none: nothing to do) and the answer that holds once they are in. */
export interface Outcome<A> {
  readonly writes: readonly Write[];
  /** Keys compared beside those written, e.g. the pool a block is claimed from. */
  readonly guards?: readonly string[];
  /** What was met on the way and left out of account, a sentence each: logged as warnings. */
  readonly remarks?: readonly string[];
  readonly answer: A;
}

/** Everything read so far, as a decision may look at it. */
export interface View {
  /** The entry at `key`; undefined when etcd has none. Throws when the key was never read: a decision must ask first. */
  get(key: string): Entry | undefined;
  /** Whether `key` has been read, alone or within a range. */
  knows(key: string): boolean;
  /** All entries under `prefix` in byte order of their keys; `under(prefix)` must have been read. */
  list(prefix: string): readonly Entry[];
  /** The answer to a `keysBetween`, `countBetween` or limited read. */
  answer(read: Read): Answer;
}

export const one = (key: string): Read => ({ from: key });
export const under = (prefix: string): Read => ({ from: prefix, to: prefixEnd(prefix) });
export const keysBetween = (from: string, to: string, limit: number): Read => ({ from, to, only: 'keys', limit });
export const countBetween = (from: string, to: string): Read => ({ from, to, only: 'count' });
export const valuesBetween = (from: string, to: string, limit: number): Read => ({ from, to, limit });

/** The first key after all keys that begin with `prefix` (ASCII keys: the last byte plus one). */
export function prefixEnd(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}
