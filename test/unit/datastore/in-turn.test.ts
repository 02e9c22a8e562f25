import { expect, test } from 'vitest';
import type { CommitResult, Datastore } from '../../../shared/datastore/datastore.ts';
import { inTurn, inTurnFromBlocksOn } from '../../../shared/datastore/in-turn.ts';
import { type Entry, get } from '../../../shared/datastore/query.ts';
import { blockRef, handleRef } from '../../../shared/datastore/ref.ts';
import { network } from '../../../shared/net/cidr.ts';

const BLOCK = blockRef(network(4, 0x0a000000n, 26));
const A = handleRef('a');
const entry = (value: string, version: string): Entry => ({ ref: A, at: 'a', value, version });

/** A store that loses a given number of races, and records what is asked of it and of the queue. */
function stage(losses: number, isTransactional?: false) {
  const told: string[] = [];
  let left = losses;
  const store: Datastore = {
    isTransactional,
    begin: async () => undefined,
    cluster: () => undefined,
    async read(queries) {
      told.push('read');
      return queries.map(() => ({ entries: [entry('now', '9')], refs: [] }));
    },
    async commit(): Promise<CommitResult> {
      told.push('commit');
      return left-- > 0 ? { done: false, fresh: [entry('then', '5')] } : { done: true };
    },
    close: () => void told.push('close'),
  };
  const takeTurn = async () => {
    told.push('take');
    return () => void told.push('let go');
  };
  return { told, store: inTurn(store, takeTurn) };
}

const commit = (store: Datastore) => store.commit([{ ref: A, next: 'x', seen: '1' }], [], 1000);

test('without contention no call queues', async () => {
  const { told, store } = stage(0);
  expect(await commit(store)).toEqual({ done: true });
  store.close();
  expect(told).toEqual(['commit', 'close']);
});

test('a call that asks for its turn keeps it until its commit is applied', async () => {
  const { told, store } = stage(0);
  await store.enter();
  await store.read([get(A)], 1000);
  await commit(store);
  expect(told).toEqual(['take', 'read', 'commit', 'let go']);
});

test('a call that has its turn decides again at once when a writer on another host was first', async () => {
  const { told, store } = stage(1);
  await store.enter();
  expect(await commit(store)).toMatchObject({ done: false });
  expect(await commit(store)).toEqual({ done: true });
  expect(told).toEqual(['take', 'commit', 'commit', 'let go']);
});

test('a lost race waits for its turn and then reads again, since what it saw is stale by then', async () => {
  const { told, store } = stage(1);
  expect(await commit(store)).toEqual({
    done: false,
    inTurn: true,
    fresh: [entry('now', '9')],
  });
  expect(told).toEqual(['commit', 'take', 'read']);
});

test('the turn ends with the commit, not with the call', async () => {
  const { told, store } = stage(1);
  await commit(store);
  await commit(store);
  expect(told).toEqual(['commit', 'take', 'read', 'commit', 'let go']);
});

test('another lost race, to another host, keeps the turn', async () => {
  const { told, store } = stage(2);
  await commit(store);
  expect(await commit(store)).toEqual({ done: false, fresh: [entry('then', '5')] });
  expect(told).toEqual(['commit', 'take', 'read', 'commit']);
});

test('a call that fails gives up its turn when it closes', async () => {
  const { told, store } = stage(1);
  await commit(store);
  store.close();
  expect(told.slice(-2)).toEqual(['let go', 'close']);
});

test('work without transactions has its turn from its first block on, until it ends', async () => {
  const { told, store } = stage(0, false);
  await inTurnFromBlocksOn(store, async (queueing) => {
    await queueing.read([get(A)], 1000);
    await queueing.read([get(BLOCK)], 1000);
  });
  expect(told).toEqual(['read', 'take', 'read', 'let go']);
});

test('work with transactions does not queue for its blocks', async () => {
  const { told, store } = stage(0);
  await inTurnFromBlocksOn(store, (queueing) => queueing.read([get(BLOCK)], 1000));
  expect(told).toEqual(['read']);
});
