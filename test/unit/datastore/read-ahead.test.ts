import { expect, test } from 'vitest';
import type { Datastore } from '../../../shared/datastore/datastore.ts';
import { type Answer, get, handlesBeginning, type Query, queryText } from '../../../shared/datastore/query.ts';
import { readAhead, readAheadForSome, readAheadOfTurn } from '../../../shared/datastore/read-ahead.ts';
import { handleRef } from '../../../shared/datastore/ref.ts';

const one = (id: string): Query => get(handleRef(id));

/** A store that answers each query with its text and the number of the round trip. */
function counting() {
  const trips: (readonly Query[])[] = [];
  const store: Datastore = {
    begin: async () => undefined,
    read: async (queries) => {
      trips.push(queries);
      return queries.map((query) => {
        const ref = handleRef(queryText(query));
        return { entries: [{ ref, at: queryText(query), value: '', version: String(trips.length) }], refs: [] };
      });
    },
    commit: async () => ({ done: true }),
    cluster: () => undefined,
    close: () => undefined,
  };
  return { store, trips };
}

const read = (answers: readonly Answer[]) => answers.map(({ entries }) => `${entries[0]?.at}@${entries[0]?.version}`);
const LIST = handlesBeginning('b');

test('answers that were read ahead are used once, in the order of the queries', async () => {
  const { store, trips } = counting();
  const ahead = readAhead(store, [one('a'), LIST, one('c')], 100);
  expect(trips).toHaveLength(1);
  expect(read(await ahead.read([one('c'), one('a')], 100))).toEqual(['Handle(c)@1', 'Handle(a)@1']);
  expect(read(await ahead.read([one('a')], 100))).toEqual(['Handle(a)@2']);
});

test('any other read goes to the store, and keeps what was read ahead', async () => {
  const { store } = counting();
  const ahead = readAhead(store, [one('a'), LIST], 100);
  expect(read(await ahead.read([one('a'), one('b')], 100))).toEqual(['Handle(a)@2', 'Handle(b)@2']);
  expect(read(await ahead.read([LIST], 100))).toEqual([`${queryText(LIST)}@1`]);
});

test('each of several readers is answered once from one look', async () => {
  const { store, trips } = counting();
  const reader = readAheadForSome(store, [one('a'), LIST], 100);
  const [first, second] = [reader(), reader()];
  expect(read(await first.read([one('a')], 100))).toEqual(['Handle(a)@1']);
  expect(read(await second.read([LIST, one('a')], 100))).toEqual([`${queryText(LIST)}@1`, 'Handle(a)@1']);
  expect(trips).toHaveLength(1);
  expect(read(await first.read([one('a')], 100))).toEqual(['Handle(a)@2']);
  expect(read(await second.read([one('a')], 100))).toEqual(['Handle(a)@3']);
});

test('answers that earlier calls have made outdated are read again, once', async () => {
  const { store, trips } = counting();
  let isOutdated = false;
  const ahead = readAhead({ ...store, isOutdated: () => isOutdated }, [one('a'), LIST], 100);
  isOutdated = true;
  expect(read(await ahead.read([one('a')], 100))).toEqual(['Handle(a)@2']);
  isOutdated = false;
  expect(read(await ahead.read([one('a')], 100))).toEqual(['Handle(a)@3']);
  expect(trips).toHaveLength(3);
});

test('before a turn only what a hint can declare outdated is read', async () => {
  const { store, trips } = counting();
  readAheadOfTurn(store, [one('a')], 100);
  readAheadOfTurn({ ...store, isHinted: () => false }, [one('a')], 100);
  expect(trips).toEqual([]);
  readAheadOfTurn({ ...store, isHinted: () => true }, [one('a')], 100);
  expect(trips).toHaveLength(1);
});

test('a read-ahead that fails is reported only to the caller that asks for it', async () => {
  const store: Datastore = { ...counting().store, read: () => Promise.reject(new Error('unreachable')) };
  await expect(readAhead(store, [one('a')], 100).read([one('a')], 100)).rejects.toThrow('unreachable');
  readAhead(store, [one('a')], 100);
  await new Promise((resolve) => setTimeout(resolve, 5));
});
