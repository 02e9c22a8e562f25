/** One read from etcd: a single key, or the keys in [from, to) with values, names only, or just their number. */
export interface Read {
  readonly from: string;
  readonly to?: string;
  readonly only?: 'keys' | 'count';
  readonly limit?: number;
}

/** A stored key. `value` is '' for a names-only read. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
  readonly modRevision: number;
}

/** etcd's answer to one Read. `count` is the number of keys in the whole range, `more` whether the limit cut the answer. */
export interface Range {
  readonly entries: readonly KeyValue[];
  readonly more: boolean;
  readonly count: number;
}

/** A put, or a delete when `value` is undefined. */
export interface Put {
  readonly key: string;
  readonly value: string | undefined;
}

/** A key's revision as a plan saw it: 0 when it did not exist. */
export interface Compare {
  readonly key: string;
  readonly modRevision: number;
}

/**
 * Whether the writes were made, and the revision that the written keys have now; otherwise the compared keys as they are now:
 * those not listed do not exist.
 */
export type TxnResult =
  | { readonly done: true; readonly revision: number }
  | { readonly done: false; readonly fresh: readonly KeyValue[] };

/** The part of etcd's transactions that the datastore needs. At most MOST_OPERATIONS of a kind in each. */
export interface KeyStore {
  /** Answers all reads at one revision, in their order. */
  read(reads: readonly Read[], deadline: number): Promise<readonly Range[]>;
  /** Makes all writes or none, if every key is as compared. */
  commit(compares: readonly Compare[], puts: readonly Put[], deadline: number): Promise<TxnResult>;
}

/** etcd's default limit of operations in one Txn (--max-txn-ops). */
export const MOST_OPERATIONS = 128;

export const one = (key: string): Read => ({ from: key });
export const under = (prefix: string): Read => ({ from: prefix, to: prefixEnd(prefix) });
export const keysBetween = (from: string, to: string, limit: number): Read => ({ from, to, only: 'keys', limit });
export const countBetween = (from: string, to: string): Read => ({ from, to, only: 'count' });
export const valuesBetween = (from: string, to: string, limit: number): Read => ({ from, to, limit });

/** The first key after all keys that begin with `prefix` (ASCII keys: the last byte plus one). */
export function prefixEnd(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}
