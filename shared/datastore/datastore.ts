import type { Pace } from './next-page.ts';
import type { Answer, Entry, ListQuery, Query, Version } from './query.ts';
import type { BlockRef, Ref } from './ref.ts';
import type { Change } from './view.ts';

/** An object as a plan saw it; `seen` is undefined when it did not exist. */
export interface Guard {
  readonly ref: Ref;
  readonly seen: Version | undefined;
}

/** A change of an object as a plan saw it. */
export type SeenChange = Change & Guard;

/**
 * Whether the changes were made; otherwise the changed and guarded objects as they are now (those not listed do not exist),
 * and whether it is this call's turn, so that it need not let others go first.
 */
export type CommitResult =
  | { readonly done: true }
  | { readonly done: false; readonly fresh: readonly Entry[]; readonly inTurn?: boolean };

/** Where Calico's data is stored. Deadlines are in `World.elapsed()` milliseconds. Every method throws 'datastore unavailable'. */
export interface Datastore {
  /** False when a commit may be made in part; undefined or true: as a whole or not at all. */
  readonly isTransactional?: boolean | undefined;
  /**
   * Starts to connect, and resolves once that continues in the background. A call made meanwhile waits for the same
   * connection, so it must have the same deadline; a call made after a failure connects again.
   */
  begin(deadline: number): Promise<void>;
  /** Answers all queries, in their order. etcd reads them at one revision; the Kubernetes API gives no such guarantee. */
  read(queries: readonly Query[], deadline: number): Promise<readonly Answer[]>;
  /**
   * Makes all changes if every object is as seen. On etcd in one transaction; elsewhere one object after the other, in the
   * order of phases.ts: then a commit that failed, or whose outcome is unknown, may have made some of them, and `blocksWritten`
   * is called when nothing is left but writes that concern no other container.
   */
  commit(
    changes: readonly SeenChange[],
    guards: readonly Guard[],
    deadline: number,
    blocksWritten?: () => void,
  ): Promise<CommitResult>;
  /** A block as this call has last written it, for another call of this host; undefined when that is not known. */
  readonly passOn?: ((ref: BlockRef) => string | undefined) | undefined;
  /** Takes a block as another call has passed it on, instead of reading it; undefined when the text is not such a block. */
  readonly takeOver?: ((ref: BlockRef, text: string) => Entry | undefined) | undefined;
  /** Whether a hint says which blocks to read early. */
  readonly isHinted?: (() => boolean) | undefined;
  /** Whether calls before this one's turn have changed more than addresses: what was read before the turn must be read again. */
  readonly isOutdated?: (() => boolean) | undefined;
  /** Finishes what other programs have only marked as deleted; absent where nothing is deleted by halves. */
  readonly finishDeletions?: ((deadline: number) => Promise<void>) | undefined;
  /** Why the datastore would refuse a change of an object as last read, whatever its value; undefined: it would not, or cannot tell. */
  readonly refusal?: ((change: Change) => unknown) | undefined;
  /** Which cluster this is, whatever its endpoints are called; undefined until ClusterInformation has been read from it. */
  cluster(): string | undefined;
  close(): void;
}

/** Reads lists that are too large to read at once. */
export interface Scan {
  /**
   * The objects of a list, some at a time; the next page is on its way while one is worked on. Work that may take long, such as writing
   * for a slow reader, needs them `unhurried`: an answer that waits is late. Throws 'datastore unavailable'.
   */
  pages(list: ListQuery, size: number, pace?: Pace): AsyncGenerator<readonly Entry[]>;
  /**
   * The cluster's virtual machines that exist, as `namespace/name`; undefined when they may not be read. Only where a datastore keeps
   * addresses for them.
   */
  virtualMachines?(): Promise<ReadonlySet<string> | undefined>;
  /** The version of the datastore that everything was read at, for people to see; '' before the first page. */
  version(): string;
  close(): void;
}
