import type { Datastore } from './datastore.ts';
import { get, type Query } from './query.ts';

/** The queue of this host's calls. */
export interface Queue {
  /** Waits for this call's turn, for some milliseconds at most. Resolves to a function that ends it. */
  take(patience?: number): Promise<() => void>;
  /** Whether it is another call's turn. */
  isTaken(): boolean;
}

/** A datastore that knows the queue of this host's calls. */
export interface TurnStore extends Datastore {
  /** Waits for this call's turn, which lasts until its next commit has written its blocks, or it closes. */
  enter(patience?: number): Promise<void>;
  /** Whether it is another call's turn. */
  isBusy(): boolean;
  /** Ends the turn early. */
  leave(): void;
}

/**
 * A datastore whose calls queue on request, or once they have lost a race: one after the other when many calls on a host want
 * the same block, at almost no cost while the queue is empty.
 */
export function inTurn(store: Datastore, queue: Queue): TurnStore {
  let end: (() => void) | undefined;
  const leave = () => {
    end?.();
    end = undefined;
  };
  const enter = async (patience?: number) => {
    end ??= await queue.take(patience);
  };
  return {
    ...store,
    enter,
    isBusy: () => end === undefined && queue.isTaken(),
    leave,
    async commit(changes, guards, deadline) {
      const result = await store.commit(changes, guards, deadline, leave);
      if (result.done) leave();
      if (result.done || end !== undefined) return result;
      await enter();
      // Values that were fresh when the race was lost are outdated now that it is our turn.
      const refs = [...changes, ...guards].map(({ ref }) => get(ref));
      const answers = await store.read(refs, deadline);
      return { done: false, fresh: answers.flatMap(({ entries }) => entries), inTurn: true };
    },
    close() {
      leave();
      store.close();
    },
  };
}

/** A release does not wait longer for a call that is stuck: then it may lose a race, and no more. */
const RELEASE_PATIENCE_MS = 2_000;

/**
 * Runs work that rewrites the blocks it reads. It queues before it reads the first block: without transactions always, so that
 * no other call on this host changes the block in between; with them if other calls do, whose races it would lose. Not earlier:
 * while the server does not answer the reads before that, other calls need not wait.
 */
export async function inTurnFromBlocksOn<S extends TurnStore, T>(
  store: S,
  work: (queueing: S) => Promise<T>,
): Promise<T> {
  const queue = async () => {
    if (store.isTransactional === false) await store.enter();
    else if (store.isBusy()) await store.enter(RELEASE_PATIENCE_MS);
  };
  const queueing: S = {
    ...store,
    read: async (queries, deadline) => {
      if (queries.some(isOfBlocks)) await queue();
      return store.read(queries, deadline);
    },
  };
  try {
    return await work(queueing);
  } finally {
    store.leave();
  }
}

const isOfBlocks = (query: Query): boolean =>
  'get' in query ? query.get.kind === 'block' : !('all' in query) || query.all === 'block';
