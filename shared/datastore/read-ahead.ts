import type { Datastore } from './datastore.ts';
import { type Query, queryText } from './query.ts';

/**
 * The datastore with reads made in advance: these queries go out at once, and the first read that needs only them gets
 * their answers. For what is always read, while the plan still waits for something else.
 */
export const readAhead = <S extends Datastore>(store: S, queries: readonly Query[], deadline: number): S =>
  readAheadForSome(store, queries, deadline)();

/** The same for a call that then waits for its turn, if the hint tells whether earlier calls have made the answers outdated. */
export const readAheadOfTurn = <S extends Datastore>(store: S, queries: readonly Query[], deadline: number): S =>
  store.isHinted?.() ? readAhead(store, queries, deadline) : store;

/** The same for several plans that share their first reads: each call of the returned function gives a datastore for one more plan. */
export function readAheadForSome<S extends Datastore>(store: S, queries: readonly Query[], deadline: number): () => S {
  const ahead = store.read(queries, deadline);
  // The first reader handles a failure; a call may end before there is one.
  ahead.catch(() => undefined);
  const places = new Map(queries.map((query, at) => [queryText(query), at]));
  return () => {
    let taken = false;
    return {
      ...store,
      read: async (wanted, until) => {
        const at = wanted.map((query) => places.get(queryText(query)));
        if (taken || !at.every((place) => place !== undefined)) return store.read(wanted, until);
        taken = true;
        if (store.isOutdated?.()) return store.read(wanted, until);
        const answers = await ahead;
        return at.flatMap((place) => answers[place] ?? []);
      },
    };
  };
}
