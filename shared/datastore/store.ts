import type { Answer, Entry, Read, Write } from './view.ts';

/** A key as a decision saw it: 0 when it was not there. */
export interface Compare {
  readonly key: string;
  readonly modRevision: number;
}

/**
 * Whether the writes are in; else the compared keys as they are now (those not listed do not exist), and whether it is this
 * call's turn, so that it need not let others pass.
 */
export type CommitResult =
  | { readonly done: true }
  | { readonly done: false; readonly fresh: readonly Entry[]; readonly inTurn?: boolean };

/** etcd, as much of it as a decision needs. Deadlines are in `World.elapsed()` milliseconds. */
export interface Store {
  /** Answers all reads at one revision, in their order. Throws 'datastore unavailable'. */
  read(reads: readonly Read[], deadline: number): Promise<readonly Answer[]>;
  /** Writes all or nothing, if every key is as compared. Throws 'datastore unavailable', the outcome being unknown when the answer is lost. */
  commit(compares: readonly Compare[], writes: readonly Write[], deadline: number): Promise<CommitResult>;
  close(): void;
}

/** A store that is reached over a connection. */
export interface RemoteStore extends Store {
  /**
   * Begins to connect, and resolves when that goes on by itself beside the caller's other work. A call that finds it under
   * way shares what comes of it, so its deadline is to be the same; one that finds it failed connects anew.
   */
  begin(deadline: number): Promise<void>;
  /** Which store this is, whatever its endpoints are called; undefined until ClusterInformation has been read from it. */
  cluster(): string | undefined;
}
