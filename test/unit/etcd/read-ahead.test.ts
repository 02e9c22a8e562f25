import { expect, test } from 'vitest';
import { readAhead } from '../../../shared/datastore/read-ahead.ts';
import type { Store } from '../../../shared/datastore/store.ts';
import { one, type Read, under } from '../../../shared/datastore/view.ts';

/** A store that answers each read with its key and the number of the round trip. */
function counting() {
  const trips: (readonly Read[])[] = [];
  const store: Store = {
    read: async (reads) => {
      trips.push(reads);
      return reads.map(({ from }) => ({
        entries: [{ key: from, value: '', modRevision: trips.length }],
        more: false,
        count: 1,
      }));
    },
    commit: async () => ({ done: true }),
    close: () => undefined,
  };
  return { store, trips };
}

const keys = (answers: Awaited<ReturnType<Store['read']>>) =>
  answers.map(({ entries }) => `${entries[0]?.key}@${entries[0]?.modRevision}`);

test('what was read ahead is answered once, in the order asked for', async () => {
  const { store, trips } = counting();
  const ahead = readAhead(store, [one('a'), under('b/'), one('c')], 100);
  expect(trips).toHaveLength(1);
  expect(keys(await ahead.read([one('c'), one('a')], 100))).toEqual(['c@1', 'a@1']);
  expect(keys(await ahead.read([one('a')], 100))).toEqual(['a@2']);
});

test('a read of anything else goes its own way, and leaves what is ahead', async () => {
  const { store } = counting();
  const ahead = readAhead(store, [one('a'), under('b/')], 100);
  expect(keys(await ahead.read([one('a'), one('b/')], 100))).toEqual(['a@2', 'b/@2']);
  expect(keys(await ahead.read([under('b/')], 100))).toEqual(['b/@1']);
});

test('a failure ahead is told to whoever asks, and nobody else', async () => {
  const store: Store = { ...counting().store, read: () => Promise.reject(new Error('unreachable')) };
  await expect(readAhead(store, [one('a')], 100).read([one('a')], 100)).rejects.toThrow('unreachable');
  readAhead(store, [one('a')], 100);
  await new Promise((resolve) => setTimeout(resolve, 5));
});
