import { expect, test } from 'vitest';
import type { Query } from '../../../shared/datastore/query.ts';
import { network } from '../../../shared/net/cidr.ts';
import { type FakeApi, openFakeApi } from './fake-api.ts';
import { ask, block, G1, ofGroup, open, POOL, putBlock } from './fake-datastore.ts';

const BLOCKS: Query = { all: 'block' };
const putMany = (api: FakeApi, count: number) => {
  for (let at = 0; at < count; at++) putBlock(api, network(4, 0x0a000000n + BigInt(at) * 16n, 28));
};

test('all blocks of a large cluster are read in pages', async () => {
  const api = openFakeApi(ofGroup(G1));
  putMany(api, 1_001);
  const [answer] = await ask(open(api), BLOCKS);
  expect(answer?.entries).toHaveLength(1_001);
  expect(api.rounds.flat()).toEqual(
    ['limit=500', 'limit=500&continue=500', 'limit=500&continue=1000'].map((query) => `GET ${G1}/ipamblocks?${query}`),
  );
});

test('a list whose next page has expired continues where the server says', async () => {
  const api = openFakeApi(ofGroup(G1));
  putMany(api, 501);
  const expired = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old', metadata: { continue: '500' } };
  api.disturb(/continue=/, { status: 410, body: JSON.stringify(expired) });
  const [answer] = await ask(open(api), BLOCKS);
  expect(answer?.entries).toHaveLength(501);
});

test.each<readonly [string, Query]>([
  ['a list', BLOCKS],
  ['a search', { usedBlocks: { pool: { cidr: POOL, blockSize: 28 }, start: block(0), after: '500' } }],
])('%s that continues where it has just continued is refused', async (_, query) => {
  const api = openFakeApi(ofGroup(G1));
  putMany(api, 501);
  const again = { kind: 'IPAMBlockList', metadata: { continue: '500' }, items: [] };
  api.disturb(/continue=/, { status: 200, body: JSON.stringify(again) });
  await expect(ask(open(api), query)).rejects.toThrow('the Kubernetes API server sent an invalid answer');
});

test('a list of more objects than a function takes arguments is read', async () => {
  const api = openFakeApi(ofGroup(G1));
  const items = Array.from({ length: 300_000 }, (_, at) => ({ metadata: { name: `h${at}` }, spec: {} }));
  api.disturb(/ipamhandles/, { status: 200, body: JSON.stringify({ kind: 'List', metadata: {}, items }) });
  const [answer] = await ask(open(api), { all: 'handle' });
  expect(answer?.entries).toEqual([]);
});

test('a list whose next page has expired is refused when the server does not say where to continue', async () => {
  const api = openFakeApi(ofGroup(G1));
  putMany(api, 501);
  const expired = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old', metadata: {} };
  api.disturb(/continue=/, { status: 410, body: JSON.stringify(expired) });
  await expect(ask(open(api), BLOCKS)).rejects.toThrow('too old');
});
