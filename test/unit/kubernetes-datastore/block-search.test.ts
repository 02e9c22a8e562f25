import { expect, test } from 'vitest';
import { affinityRef, blockRef, type Ref } from '../../../shared/datastore/ref.ts';
import { network } from '../../../shared/net/cidr.ts';
import { openFakeApi } from './fake-api.ts';
import { ask, block, G1, ofGroup, open, POOL, putBlock } from './fake-datastore.ts';

const search = { pool: { cidr: POOL, blockSize: 28 }, start: block(14) };
const texts = (refs: readonly Ref[] = []) => refs.map((ref) => (ref.kind === 'block' ? ref.cidr.text : ref.kind));

test('free blocks: those at the start of the walk are read by name', async () => {
  const api = openFakeApi(ofGroup(G1));
  putBlock(api, block(14));
  const [answer] = await ask(open(api), { freeBlocks: search });
  expect(texts(answer?.refs).slice(0, 4)).toEqual(['10.0.0.224/28', '10.0.0.240/28', '10.0.0.0/28', '10.0.0.16/28']);
  expect(answer?.entries.map(({ ref }) => ref)).toEqual([blockRef(block(14))]);
  expect(answer?.next).toBeDefined();
  expect(api.rounds).toHaveLength(1);
});

test('free blocks: when the first are used, the list of names gives others in the same round trip', async () => {
  const api = openFakeApi(ofGroup(G1));
  for (let at = 0; at < 16; at++) if (at !== 9) putBlock(api, block(at));
  const [answer] = await ask(open(api), { freeBlocks: search });
  expect(texts(answer?.refs).at(-1)).toBe('10.0.0.144/28');
  expect(answer?.refs).toHaveLength(9);
  expect(answer?.next).toBeUndefined();
  expect(api.rounds).toHaveLength(1);
});

test('free blocks: one that the node owns already comes with its affinity, and one of another node without', async () => {
  const api = openFakeApi(ofGroup(G1));
  putBlock(api, block(14));
  putBlock(api, block(15), { affinity: 'host:node1' });
  const { name, spec } = { name: 'node1-10-0-0-240-28', spec: { node: 'node1', cidr: block(15).text, type: 'host' } };
  api.put(`${G1}/blockaffinities/${name}`, {
    metadata: { name },
    spec: { ...spec, state: 'confirmed', deleted: 'false' },
  });
  const [answer] = await ask(open(api), { freeBlocks: search });
  const own = [blockRef(block(15)), affinityRef('node1', block(15))];
  expect(answer?.entries.map(({ ref }) => ref)).toEqual([blockRef(block(14)), ...own]);
});

test('free blocks: those that overlap a block of another size are skipped', async () => {
  const api = openFakeApi(ofGroup(G1));
  putBlock(api, block(14, 27));
  const [answer] = await ask(open(api), { freeBlocks: search });
  expect(texts(answer?.refs)[0]).toBe('10.0.0.0/28');
});

test('free blocks: a search continues among all names', async () => {
  const api = openFakeApi(ofGroup(G1));
  const store = open(api);
  const [first] = await ask(store, { freeBlocks: search });
  putBlock(api, block(7));
  const [second] = await ask(store, { freeBlocks: { ...search, after: first?.next } });
  expect(texts(second?.refs)).toEqual([6, 8, 9, 10, 11, 12, 13].map((at) => block(at).text));
  expect(second?.next).toBeUndefined();
});

test('used blocks: those of the pool, in walk order', async () => {
  const api = openFakeApi(ofGroup(G1));
  for (const cidr of [block(1), block(15), block(14), network(4, 0x0b000000n, 28)]) putBlock(api, cidr);
  const [answer] = await ask(open(api), { usedBlocks: search });
  expect(texts(answer?.entries.map(({ ref }) => ref))).toEqual(['10.0.0.224/28', '10.0.0.240/28', '10.0.0.16/28']);
  expect(answer?.next).toBeUndefined();
});

test('free blocks: one of another size is seen however many blocks the cluster has', async () => {
  const api = openFakeApi(ofGroup(G1));
  for (let at = 0; at < 600; at++) putBlock(api, network(4, 0x0a010000n + BigInt(at) * 16n, 28));
  // Its name is the last in the list.
  putBlock(api, network(4, 0x0aff0000n, 27));
  const high = { pool: { cidr: network(4, 0x0aff0000n, 24), blockSize: 28 }, start: network(4, 0x0aff0000n, 28) };
  const [answer] = await ask(open(api), { freeBlocks: high });
  expect(texts(answer?.refs)[0]).toBe('10.255.0.32/28');
  expect(api.rounds).toHaveLength(1);
});
