import type { Datastore } from './datastore.ts';
import { get } from './query.ts';

/** A datastore that knows the queue of this host's calls. */
export interface TurnStore extends Datastore {
  /** Waits for this call's turn, which lasts until its next commit succeeds or it closes. */
  enter(): Promise<void>;
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
