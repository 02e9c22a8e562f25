import type { Datastore } from '../../shared/datastore/datastore.ts';
import type { Answer, Query } from '../../shared/datastore/query.ts';
import { textOf } from '../../shared/datastore/ref.ts';
import type { Change } from '../../shared/datastore/view.ts';

type Store = Pick<Datastore, 'read' | 'commit'>;

/** A datastore that does not write changes, but answers later reads as if they had been written. */
export function dryRunStore(store: Store): Store {
  const changed = new Map<string, Change>();
  const shown = (query: Query | undefined, answer: Answer): Answer => {
    const change = query !== undefined && 'get' in query ? changed.get(textOf(query.get)) : undefined;
    if (change === undefined) return answer;
    const { ref, next } = change;
    return { entries: next === undefined ? [] : [{ ref, at: textOf(ref), value: next, version: 'dry run' }], refs: [] };
  };
  return {
    async read(queries, deadline) {
      const answers = await store.read(queries, deadline);
      return answers.map((answer, at) => shown(queries[at], answer));
    },
    async commit(changes) {
      for (const change of changes) changed.set(textOf(change.ref), change);
      return { done: true };
    },
  };
}
