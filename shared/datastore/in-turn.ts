import type { Datastore } from './datastore.ts';
import { get, type Query } from './query.ts';

/** A datastore that knows the queue of this host's calls. */
export interface TurnStore extends Datastore {
  /** Waits for this call's turn, which lasts until its next commit has written its blocks, or it closes. */
  enter(): Promise<void>;
  /** Ends the turn early. */
  leave(): void;
}

/**
 * A datastore whose calls queue on request, or once they have lost a race: one after the other when many calls on a host want
 * the same block, at almost no cost while the queue is empty. `takeTurn` resolves to a function that ends the turn.
 */
export function inTurn(store: Datastore, takeTurn: () => Promise<() => void>): TurnStore {
  let end: (() => void) | undefined;
  const leave = () => {
    end?.();
    end = undefined;
  };
  const enter = async () => {
    end ??= await takeTurn();
  };
  return {
    ...store,
    enter,
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

/**
 * Runs work that rewrites the blocks it reads. Without transactions the work takes its turn before it reads the first block, so
 * that no other call on this host changes the block in between. Not earlier: while the server does not answer the reads before
 * that, other calls need not wait.
 */
export async function inTurnFromBlocksOn<S extends TurnStore, T>(
  store: S,
  work: (queueing: S) => Promise<T>,
): Promise<T> {
  if (store.isTransactional !== false) return work(store);
  const queueing: S = {
    ...store,
    read: async (queries, deadline) => {
      if (queries.some(isOfBlocks)) await store.enter();
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
