import type { Datastore } from './datastore.ts';
import { get, type Query } from './query.ts';

/** A datastore that knows the queue of this host's calls. */
export interface TurnStore extends Datastore {
  /** Waits for this call's turn, which lasts until its next commit succeeds or it closes. */
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
    enter,
    leave,
    isTransactional: store.isTransactional,
    finishDeletions: store.finishDeletions,
    begin: (deadline) => store.begin(deadline),
    cluster: () => store.cluster(),
    read: (queries, deadline) => store.read(queries, deadline),
    async commit(changes, guards, deadline) {
      const result = await store.commit(changes, guards, deadline);
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
 * Work that rewrites blocks it has read. Where a commit is not a transaction it has its turn from the first block it reads on, so
 * that the calls of a host do not write from what others have overwritten meanwhile. A server that answers nothing keeps
 * nobody waiting: the turn is not taken before something else has been read.
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
