import type { Compare, KeyValue, Put, Range, Read, TxnResult } from '../../../shared/etcd/key-store.ts';

/** An etcd's values in memory, each with its version; ranges in key order; all-or-nothing commits. Nothing waits. */
export interface FakeStore {
  read(reads: readonly Read[]): readonly Range[];
  commit(compares: readonly Compare[], puts: readonly Put[]): TxnResult;
  get(key: string): KeyValue | undefined;
  put(key: string, value: string): void;
  remove(key: string): void;
  /** Every key with its value. */
  dump(): Readonly<Record<string, string>>;
  /** Round trips so far, e.g. `read 6`, `commit 3`. */
  readonly trips: readonly string[];
}

export interface FakeOptions {
  /** `false` makes every commit succeed, whatever it compares: a fault that tests must notice. */
  readonly compares?: boolean;
  /** Called after every successful commit, with the dumps before and after. */
  readonly onCommit?: (before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) => void;
}

/** A store that contains `seed`, written at version 1. */
export function fakeStore(seed: Readonly<Record<string, string>>, options: FakeOptions = {}): FakeStore {
  const entries = new Map<string, KeyValue>(
    Object.entries(seed).map(([key, value]) => [key, { key, value, modRevision: 1 }]),
  );
  const trips: string[] = [];
  let revision = Math.min(1, entries.size);
  const dump = () => Object.fromEntries([...entries.values()].map(({ key, value }) => [key, value]));
  const apply = (puts: readonly Put[]) => {
    const before = options.onCommit === undefined ? {} : dump();
    revision++;
    for (const { key, value } of puts) {
      if (value === undefined) entries.delete(key);
      else entries.set(key, { key, value, modRevision: revision });
    }
    options.onCommit?.(before, dump());
  };
  return {
    trips,
    dump,
    get: (key) => entries.get(key),
    put: (key, value) => apply([{ key, value }]),
    remove: (key) => apply([{ key, value: undefined }]),
    read(reads) {
      trips.push(`read ${reads.length}`);
      return reads.map((read) => rangeOf(entries, read));
    },
    commit(compares, puts) {
      trips.push(`commit ${puts.length}`);
      const keys = puts.map(({ key }) => key);
      if (new Set(keys).size !== keys.length) throw new Error(`duplicate key given in txn request: ${keys.join(' ')}`);
      if (compares.length > 128 || puts.length > 128) throw new Error('too many operations in txn request');
      const holds = compares.every(({ key, modRevision }) => (entries.get(key)?.modRevision ?? 0) === modRevision);
      if (!holds && options.compares !== false) {
        return { done: false, fresh: compares.flatMap(({ key }) => entries.get(key) ?? []) };
      }
      apply(puts);
      return { done: true, revision };
    },
  };
}

function rangeOf(entries: ReadonlyMap<string, KeyValue>, { from, to, only, limit = 0 }: Read): Range {
  const inRange = (key: string) => (to === undefined ? key === from : key >= from && key < to);
  const found = [...entries.values()].filter(({ key }) => inRange(key)).sort((a, b) => (a.key < b.key ? -1 : 1));
  const shown = only === 'count' ? [] : found.slice(0, limit === 0 ? undefined : limit);
  return {
    entries: only === 'keys' ? shown.map((entry) => ({ ...entry, value: '' })) : shown,
    more: only !== 'count' && shown.length < found.length,
    count: found.length,
  };
}
