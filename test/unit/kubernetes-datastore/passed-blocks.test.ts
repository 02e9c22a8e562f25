import { expect, test } from 'vitest';
import type { Datastore } from '../../../shared/datastore/datastore.ts';
import { type BlockRef, blockRef, handleRef } from '../../../shared/datastore/ref.ts';
import { blockName } from '../../../shared/kubernetes-datastore/object-names.ts';
import { type FakeApi, openFakeApi } from './fake-api.ts';
import { block, change, G1, handle, later, ofGroup, one, open, openOwning, storedBlock } from './fake-datastore.ts';

const REF = blockRef(block(0));
const PATH = `${G1}/ipamblocks/${blockName(block(0))}`;

/** A block of node1, written once more by the returned store. */
async function written() {
  const api = openFakeApi(ofGroup(G1));
  const store = await openOwning(api, block(0));
  await store.commit([await change(store, REF, storedBlock(block(0)))], [], later);
  await store.commit(
    [await change(store, REF, storedBlock(block(0), 'host:node1', 9_007_199_254_740_995n))],
    [],
    later,
  );
  return { api, store };
}

const passed = (store: Datastore, ref: BlockRef = REF) => store.passOn?.(ref) ?? '';

test('a block is passed on as it was written, and another call writes it without a read', async () => {
  const { api, store } = await written();
  const other = open(api);
  const entry = other.takeOver?.(REF, passed(store));
  expect(entry).toEqual(await one(open(api), REF));
  const next = storedBlock(block(0), 'host:node1', 9_007_199_254_740_997n);
  const before = api.rounds.length;
  expect(await other.commit([{ ref: REF, next, seen: entry?.version }], [], later)).toEqual({ done: true });
  expect(api.rounds.slice(before)).toEqual([[`PUT ${PATH}`]]);
  expect((await one(store, REF))?.value).toContain('9007199254740997');
});

test('one that somebody else has written since loses the race, and is read', async () => {
  const { api, store } = await written();
  const text = passed(store);
  await store.commit(
    [await change(store, REF, storedBlock(block(0), 'host:node1', 9_007_199_254_740_996n))],
    [],
    later,
  );
  const other = open(api);
  const seen = other.takeOver?.(REF, text)?.version;
  const lost = await other.commit([{ ref: REF, next: storedBlock(block(0)), seen }], [], later);
  expect(lost).toMatchObject({ done: false, fresh: [{ ref: REF }] });
});

test('one that was deleted and made again loses the race', async () => {
  const { api, store } = await written();
  const text = passed(store);
  await store.commit([await change(store, REF, undefined)], [], later);
  await store.commit([await change(store, REF, storedBlock(block(0)))], [], later);
  const other = open(api);
  const seen = other.takeOver?.(REF, text)?.version;
  expect(await other.commit([{ ref: REF, next: storedBlock(block(0)), seen }], [], later)).toMatchObject({
    done: false,
  });
});

test.each<readonly [string, (text: string) => string]>([
  ['nothing', () => ''],
  ['no JSON', (text) => text.slice(0, -5)],
  ['null', () => 'null'],
  ['a list', () => '[]'],
  ['no version', (text) => text.replace(/"resourceVersion":"\d+"/, '"resourceVersion":""')],
  ['no uid', (text) => text.replace(/"uid":"[^"]*"/, '"uid":""')],
  ['another block', (text) => text.replaceAll(block(0).text, block(1).text)],
  ['marked as deleted', (text) => text.replace('"deleted":false', '"deleted":true')],
  ['no spec', (text) => text.replace('"spec"', '"other"')],
])('a text with %s is not taken over', async (_, damage) => {
  const { api, store } = await written();
  expect(open(api).takeOver?.(REF, damage(passed(store)))).toBeUndefined();
});

test('what was only read is not passed on', async () => {
  const { api } = await written();
  const other = open(api);
  await one(other, REF);
  expect(other.passOn?.(REF)).toBeUndefined();
});

test('the blocks are reported as written before handle and endpoint are, and after the claim is confirmed', async () => {
  const { api, store } = await written();
  const reported = await reports(api, store, [
    await change(store, REF, storedBlock(block(0), 'host:node1', 9_007_199_254_740_999n)),
    await change(store, handleRef('net1.a'), handle(block(0))),
  ]);
  expect(reported.before).toEqual([[`PUT ${PATH}`]]);
  expect(reported.times).toBe(1);
  expect(reported.after).toEqual([[`POST ${G1}/ipamhandles`]]);
});

test('the blocks of a DEL are reported as written at its end', async () => {
  const { api, store } = await written();
  await store.commit([await change(store, handleRef('net1.a'), handle(block(0)))], [], later);
  const reported = await reports(api, store, [
    await change(store, REF, storedBlock(block(0), 'host:node1', 9_007_199_254_741_000n)),
    await change(store, handleRef('net1.a'), undefined),
  ]);
  expect(reported.times).toBe(1);
  expect(reported.after).toEqual([]);
});

test('nothing is reported when the block’s race is lost, and once when only the handle’s is', async () => {
  const { api, store } = await written();
  const lost = [{ ...(await change(store, REF, storedBlock(block(0)))), seen: '1' }];
  expect((await reports(api, store, lost)).times).toBe(0);
  const late = [
    await change(store, REF, storedBlock(block(0), 'host:node1', 9_007_199_254_741_001n)),
    await change(store, handleRef('net1.a'), handle(block(0))),
  ];
  await open(api).commit([{ ref: handleRef('net1.a'), next: handle(block(0)), seen: undefined }], [], later);
  expect((await reports(api, store, late)).times).toBe(1);
});

test('a commit without a block reports none', async () => {
  const { api, store } = await written();
  expect((await reports(api, store, [await change(store, handleRef('net1.a'), handle(block(0)))])).times).toBe(0);
});

/** The requests of a commit before and after it reports its blocks as written, and how often it does. */
async function reports(api: FakeApi, store: Datastore, changes: readonly Awaited<ReturnType<typeof change>>[]) {
  const from = api.rounds.length;
  let times = 0;
  let at = from;
  await store.commit(changes, [], later, () => {
    times++;
    at = api.rounds.length;
  });
  return { times, before: api.rounds.slice(from, at), after: api.rounds.slice(at) };
}
