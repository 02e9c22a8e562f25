import type { Store } from './store.ts';
import type { Read } from './view.ts';

/**
 * The store with an answer on the way: these reads go out at once, and the first read that asks for no others is given their
 * answers. For what is to be read in any case while the decision still waits for something else.
 */
export function readAhead<S extends Store>(store: S, reads: readonly Read[], deadline: number): S {
  const ahead = store.read(reads, deadline);
  // Told to whoever asks for it; nobody may.
  ahead.catch(() => undefined);
  const places = new Map(reads.map((read, at) => [keyOf(read), at]));
  let taken = false;
  return {
    ...store,
    read: async (wanted, until) => {
      const at = wanted.map((read) => places.get(keyOf(read)));
      if (taken || !at.every((place) => place !== undefined)) return store.read(wanted, until);
      taken = true;
      const answers = await ahead;
      return at.flatMap((place) => answers[place] ?? []);
    },
  };
}

const keyOf = ({ from, to, only, limit }: Read): string => JSON.stringify([from, to, only, limit]);
