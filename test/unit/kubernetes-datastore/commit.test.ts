import { expect, test } from 'vitest';
import { affinityRef, blockRef, handleRef, poolRef } from '../../../shared/datastore/ref.ts';
import { isOutcomeUnknown, isUnavailable } from '../../../shared/datastore/unavailable.ts';
import { blockName } from '../../../shared/kubernetes-datastore/object-names.ts';
import { openFakeApi } from './fake-api.ts';
import {
  block,
  CONFIRMED,
  change,
  G1,
  handle,
  later,
  ofGroup,
  one,
  open,
  openOwning,
  putBlock,
  storedBlock,
} from './fake-datastore.ts';

test('a first ADD writes a pending affinity, the block, then handle and affinity together', async () => {
  const api = openFakeApi(ofGroup(G1));
  const store = open(api);
  const [own, id] = [block(1), handleRef('net.c0ffee')];
  const changes = [
    await change(store, affinityRef('node1', own), CONFIRMED),
    await change(store, blockRef(own), storedBlock(own)),
    await change(store, id, handle(own)),
  ];
  api.rounds.length = 0;
  expect(await store.commit(changes, [], later)).toEqual({ done: true });
  expect(api.rounds).toEqual(
    [
      [`POST ${G1}/blockaffinities`],
      [`POST ${G1}/ipamblocks`],
      [`PUT ${G1}/blockaffinities/node1-10-0-0-16-28`, `POST ${G1}/ipamhandles`].sort().reverse(),
    ].map((round) => expect.arrayContaining(round)),
  );
  expect(api.get(`${G1}/blockaffinities/node1-10-0-0-16-28`)?.['spec']).toMatchObject({ state: 'confirmed' });
  expect((await one(store, blockRef(own)))?.value).toContain('"sequenceNumber":9007199254740993,');
});

test('a commit stops after a phase that loses a race, and returns the current objects', async () => {
  const api = openFakeApi(ofGroup(G1));
  const store = await openOwning(api, block(1));
  const [own, id] = [block(1), handleRef('net.c0ffee')];
  const changes = [await change(store, blockRef(own), storedBlock(own)), await change(store, id, handle(own))];
  putBlock(api, own);
  const result = await store.commit(changes, [], later);
  expect(result).toMatchObject({ done: false, fresh: [{ ref: blockRef(own) }] });
  expect(api.get(`${G1}/ipamhandles/net.c0ffee`)).toBeUndefined();
});

test('an object that changed between two reads is not overwritten', async () => {
  const api = openFakeApi(ofGroup(G1));
  const own = block(1);
  putBlock(api, own, { affinity: 'host:node1' });
  const store = open(api);
  const changed = await change(store, blockRef(own), storedBlock(own));
  putBlock(api, own, { affinity: 'host:node1', sequenceNumber: 7 });
  await one(store, blockRef(own));
  expect(await store.commit([changed], [], later)).toMatchObject({ done: false });
  expect(api.rounds.flat().some((words) => words.startsWith('PUT'))).toBe(false);
});

test('a deletion of an object that has changed is lost', async () => {
  const api = openFakeApi(ofGroup(G1));
  const own = block(1);
  putBlock(api, own);
  const store = open(api);
  const gone = await change(store, blockRef(own), undefined);
  putBlock(api, own);
  expect(await store.commit([gone], [], later)).toMatchObject({ done: false, fresh: [{ ref: blockRef(own) }] });
  const again = await change(store, blockRef(own), undefined);
  expect(await store.commit([again], [], later)).toEqual({ done: true });
  expect(api.paths()).toEqual([]);
});

test('a changed guard stops a commit after its first phase', async () => {
  const api = openFakeApi(ofGroup(G1));
  const pool = (disabled: boolean) =>
    api.put(`${G1}/ippools/p1`, { metadata: { name: 'p1' }, spec: { cidr: '10.0.0.0/24', disabled } });
  pool(false);
  const store = open(api);
  const own = block(1);
  const changes = [
    await change(store, affinityRef('node1', own), CONFIRMED),
    await change(store, blockRef(own), storedBlock(own)),
  ];
  const guard = { ref: poolRef('p1'), seen: (await one(store, poolRef('p1')))?.version };
  pool(true);
  expect(await store.commit(changes, [guard], later)).toMatchObject({ done: false });
  expect(api.paths()).toEqual([`${G1}/ippools/p1`, `${G1}/blockaffinities/node1-10-0-0-16-28`]);
});

test('a changed guard is noticed by a commit of one phase too', async () => {
  const api = openFakeApi(ofGroup(G1));
  const [own, id] = [block(1), handleRef('net.c0ffee')];
  putBlock(api, own, { affinity: 'host:node1' });
  const store = open(api);
  const counted = await change(store, id, handle(own));
  const guard = { ref: blockRef(own), seen: (await one(store, blockRef(own)))?.version };
  putBlock(api, own, { affinity: 'host:node1', sequenceNumber: 7 });
  expect(await store.commit([counted], [guard], later)).toMatchObject({ done: false, fresh: [{}, {}] });
});

test('claiming a half-deleted block finishes the deletion first', async () => {
  const api = openFakeApi(ofGroup(G1));
  const own = block(1);
  putBlock(api, own, { deleted: true });
  const store = open(api);
  expect(await one(store, blockRef(own))).toBeUndefined();
  const made = await change(store, blockRef(own), storedBlock(own));
  expect(await store.commit([made], [], later)).toEqual({ done: true });
  expect((await one(store, blockRef(own)))?.value).toContain('host:node1');
});

test.each([
  ['a missing answer', 'no answer' as const],
  ['a failure inside the server', { status: 500, body: '{"kind":"Status","message":"etcdserver: request timed out"}' }],
  ['an answer that is cut short', { status: 201, body: '{"kind":"IPAMBlock","metad' }],
  ['an answer that is not JSON', { status: 200, body: '<html>proxy</html>' }],
])('%s makes the outcome of a commit unknown', async (_, disturbance) => {
  const api = openFakeApi(ofGroup(G1));
  const store = open(api);
  const made = await change(store, blockRef(block(1)), storedBlock(block(1)));
  api.disturb(/POST .*ipamblocks/, disturbance);
  const failed = await store.commit([made], [], later).catch((thrown: unknown) => thrown);
  expect(isOutcomeUnknown(failed)).toBe(true);
});

test('losing the server between two phases makes the outcome unknown; losing it before the first does not', async () => {
  const api = openFakeApi(ofGroup(G1));
  const store = await openOwning(api, block(1));
  const changes = [
    await change(store, blockRef(block(1)), storedBlock(block(1))),
    await change(store, handleRef('net.c0ffee'), handle(block(1))),
  ];
  api.disturb(/POST .*ipamblocks/, 'not reached');
  const before = await store.commit(changes, [], later).catch((thrown: unknown) => thrown);
  expect(isUnavailable(before) && before.reason).toBe('unreachable');
  api.disturb(/POST .*ipamhandles/, 'not reached');
  const between = await store.commit(changes, [], later).catch((thrown: unknown) => thrown);
  expect(isOutcomeUnknown(between)).toBe(true);
});

test('an ADD whose handle is refused undoes its block and its affinity', async () => {
  const api = openFakeApi(ofGroup(G1));
  const [held, own] = [block(1), block(2)];
  putBlock(api, held, { affinity: 'host:node1', sequenceNumber: 5 });
  const store = await openOwning(api, held);
  const changes = [
    await change(store, affinityRef('node1', own), CONFIRMED),
    await change(store, blockRef(own), storedBlock(own)),
    await change(store, blockRef(held), storedBlock(held, 'host:node1', 6n)),
    await change(store, handleRef('net.c0ffee'), handle(own)),
  ];
  const before = api.paths();
  api.disturb(/POST .*ipamhandles/, { status: 403, body: '{"kind":"Status","message":"no"}' });
  await expect(store.commit(changes, [], later)).rejects.toMatchObject({ kind: 'datastore refuses' });
  expect(api.paths()).toEqual(before);
  expect(api.get(`${G1}/ipamblocks/${blockName(held)}`)?.['spec']).toMatchObject({ sequenceNumber: 7 });
});

test('a name that cannot be stored is refused before anything is written', async () => {
  const api = openFakeApi(ofGroup(G1));
  const store = open(api);
  const changes = [
    await change(store, blockRef(block(1)), storedBlock(block(1))),
    await change(store, handleRef('my_net.c0ffee'), handle(block(1))),
  ];
  await expect(store.commit(changes, [], later)).rejects.toThrow(/cannot be stored/);
  expect(api.paths()).toEqual([]);
});
