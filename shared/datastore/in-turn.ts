import type { RemoteStore } from './store.ts';
import { one } from './view.ts';

/** A store that knows of a line in which the calls of a host stand. */
export interface TurnStore extends RemoteStore {
  /** Waits for this call's turn, which it has until its next commit is in or it closes. */
  enter(): Promise<void>;
}

/**
 * A store whose calls stand in line when they ask to, or once they have lost a race: one after the other when many of a host
 * want the same block at once, for next to nothing while nobody is in the way. `takeTurn` resolves to how to let go.
 */
export function inTurn(store: RemoteStore, takeTurn: () => Promise<() => void>): TurnStore {
  let letGo: (() => void) | undefined;
  const leave = () => {
    letGo?.();
    letGo = undefined;
  };
  const enter = async () => {
    letGo ??= await takeTurn();
  };
  return {
    enter,
    begin: (deadline) => store.begin(deadline),
    cluster: () => store.cluster(),
    read: (reads, deadline) => store.read(reads, deadline),
    async commit(compares, writes, deadline) {
      const result = await store.commit(compares, writes, deadline);
      if (result.done) leave();
      if (result.done || letGo !== undefined) return result;
      await enter();
      // What was fresh when the race was lost is old now that it is our turn.
      const answers = await store.read(
        compares.map(({ key }) => one(key)),
        deadline,
      );
      return { done: false, fresh: answers.flatMap(({ entries }) => entries), inTurn: true };
    },
    close() {
      leave();
      store.close();
    },
  };
}
