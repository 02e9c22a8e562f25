import { expect, test } from 'vitest';
import type { CommitResult, Datastore } from '../../../shared/datastore/datastore.ts';
import { inTurn, inTurnFromBlocksOn } from '../../../shared/datastore/in-turn.ts';
import { type Entry, get } from '../../../shared/datastore/query.ts';
import { blockRef, handleRef } from '../../../shared/datastore/ref.ts';
import { network } from '../../../shared/net/cidr.ts';
import { NO_QUEUE } from '../../support/fake-datastore/no-queue.ts';

const BLOCK = blockRef(network(4, 0x0a000000n, 26));
const A = handleRef('a');
const entry = (value: string, version: string): Entry => ({ ref: A, at: 'a', value, version });

/** A store that loses a given number of races, and records what is asked of it and of the queue. */
function stage(losses: number, isTransactional?: false, isTaken = false) {
  const events: string[] = [];
  let left = losses;
  const store: Datastore = {
    isTransactional,
    begin: async () => undefined,
    cluster: () => undefined,
    async read(queries) {
      events.push('read');
      return queries.map(() => ({ entries: [entry('now', '9')], refs: [] }));
    },
    async commit(): Promise<CommitResult> {
      events.push('commit');
      return left-- > 0 ? { done: false, fresh: [entry('then', '5')] } : { done: true };
    },
    close: () => void events.push('close'),
  };
  const take = async (patience?: number) => {
    events.push(patience === undefined ? 'take' : 'take soon');
    return () => void events.push('let go');
  };
  return { events, store: inTurn(store, { take, isTaken: () => isTaken }) };
}

const commit = (store: Datastore) => store.commit([{ ref: A, next: 'x', seen: '1' }], [], 1000);

test('without contention no call queues', async () => {
  const { events, store } = stage(0);
  expect(await commit(store)).toEqual({ done: true });
  store.close();
  expect(events).toEqual(['commit', 'close']);
});

test('a call that asks for its turn keeps it until its commit is applied', async () => {
  const { events, store } = stage(0);
  await store.enter();
  await store.read([get(A)], 1000);
  await commit(store);
  expect(events).toEqual(['take', 'read', 'commit', 'let go']);
});

test('a call that has its turn decides again at once when a writer on another host was first', async () => {
  const { events, store } = stage(1);
  await store.enter();
  expect(await commit(store)).toMatchObject({ done: false });
  expect(await commit(store)).toEqual({ done: true });
  expect(events).toEqual(['take', 'commit', 'commit', 'let go']);
});

test('a lost race waits for its turn and then reads again, since what it saw is stale by then', async () => {
  const { events, store } = stage(1);
  expect(await commit(store)).toEqual({
    done: false,
    inTurn: true,
    fresh: [entry('now', '9')],
  });
  expect(events).toEqual(['commit', 'take', 'read']);
});

test('the turn ends with the commit, not with the call', async () => {
  const { events, store } = stage(1);
  await commit(store);
  await commit(store);
  expect(events).toEqual(['commit', 'take', 'read', 'commit', 'let go']);
});

test('the turn ends as soon as the blocks are written, before the rest of the commit', async () => {
  const { events, store } = stage(0);
  const base: Datastore = {
    ...store,
    async commit(_changes, _guards, _deadline, blocksWritten) {
      events.push('blocks');
      blocksWritten?.();
      events.push('rest');
      return { done: true };
    },
  };
  const queueing = inTurn(base, { ...NO_QUEUE, take: async () => () => void events.push('ended') });
  await queueing.enter();
  await commit(queueing);
  expect(events).toEqual(['blocks', 'ended', 'rest']);
});

test('another lost race, to another host, keeps the turn', async () => {
  const { events, store } = stage(2);
  await commit(store);
  expect(await commit(store)).toEqual({ done: false, fresh: [entry('then', '5')] });
  expect(events).toEqual(['commit', 'take', 'read', 'commit']);
});

test('a call that fails gives up its turn when it closes', async () => {
  const { events, store } = stage(1);
  await commit(store);
  store.close();
  expect(events.slice(-2)).toEqual(['let go', 'close']);
});

test('work without transactions has its turn from its first block on, until it ends', async () => {
  const { events, store } = stage(0, false);
  await inTurnFromBlocksOn(store, async (queueing) => {
    await queueing.read([get(A)], 1000);
    await queueing.read([get(BLOCK)], 1000);
  });
  expect(events).toEqual(['read', 'take', 'read', 'let go']);
});

test('work with transactions queues for its blocks while another call has its turn, but not for long', async () => {
  const { events, store } = stage(0, undefined, true);
  await inTurnFromBlocksOn(store, async (queueing) => {
    await queueing.read([get(A)], 1000);
    await queueing.read([get(BLOCK)], 1000);
    await queueing.read([get(BLOCK)], 1000);
  });
  expect(events).toEqual(['read', 'take soon', 'read', 'read', 'let go']);
});

test('work with transactions does not queue for its blocks when no other call does', async () => {
  const { events, store } = stage(0);
  await inTurnFromBlocksOn(store, (queueing) => queueing.read([get(BLOCK)], 1000));
  expect(events).toEqual(['read']);
});
