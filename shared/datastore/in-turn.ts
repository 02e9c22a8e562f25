import type { Datastore } from './datastore.ts';
import { get } from './query.ts';

/** A datastore that knows the queue of this host's calls. */
export interface TurnStore extends Datastore {
  /** Waits for this call's turn, which it has until its next commit is in or it closes. */
  enter(): Promise<void>;
}

/**
 * A datastore whose calls queue when they ask to, or once they have lost a race: one after the other when many of a host want
 * the same block at once, at almost no cost while the queue is empty. `takeTurn` resolves to how to end the turn.
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
      // What was fresh when the race was lost is old now that it is our turn.
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
