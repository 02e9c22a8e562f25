import type { Store } from './transaction.ts';
import { one } from './view.ts';

/**
 * A store whose commits stand in line once one of them has lost a race: optimistic while nobody is in the way, one after the
 * other when many calls of a host want the same block at once. `takeTurn` resolves to how to let go.
 */
export function inTurn(store: Store, takeTurn: () => Promise<() => void>): Store {
  let letGo: (() => void) | undefined;
  const leave = () => {
    letGo?.();
    letGo = undefined;
  };
  return {
    read: (reads, deadline) => store.read(reads, deadline),
    async commit(compares, writes, deadline) {
      const result = await store.commit(compares, writes, deadline);
      if (result.done) leave();
      if (result.done || letGo !== undefined) return result;
      letGo = await takeTurn();
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
