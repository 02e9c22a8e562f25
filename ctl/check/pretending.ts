import type { Store } from '../../shared/datastore/store.ts';
import type { Answer, Read, Write } from '../../shared/datastore/view.ts';

/** A store that takes writes, shows them to who reads the same keys afterwards, and keeps them to itself. */
export function pretending(store: Store): Store {
  const written = new Map<string, Write>();
  const shown = (read: Read, answer: Answer): Answer => {
    const write = read.to === undefined ? written.get(read.from) : undefined;
    if (write === undefined) return answer;
    const entries = write.value === undefined ? [] : [{ key: write.key, value: write.value, modRevision: 1 }];
    return { entries, more: false, count: entries.length };
  };
  return {
    async read(reads, deadline) {
      const answers = await store.read(reads, deadline);
      return answers.map((answer, at) => shown(reads[at] ?? { from: '' }, answer));
    },
    async commit(_compares, writes) {
      for (const write of writes) written.set(write.key, write);
      return { done: true };
    },
    close: () => {},
  };
}
