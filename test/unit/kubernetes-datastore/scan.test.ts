import { expect, test } from 'vitest';
import type { Scan } from '../../../shared/datastore/datastore.ts';
import type { Entry, ListQuery } from '../../../shared/datastore/query.ts';
import type { ApiGroup } from '../../../shared/kubernetes-datastore/api-group.ts';
import { V1 } from '../../../shared/kubernetes-datastore/api-group.ts';
import { openScan } from '../../../shared/kubernetes-datastore/scan.ts';
import { network } from '../../../shared/net/cidr.ts';
import { type FakeApi, openFakeApi } from './fake-api.ts';
import { block, G1, G3, ofGroup, openIn, putBlock } from './fake-datastore.ts';

const scanOf = (api: FakeApi, group: ApiGroup | 'unknown' = V1): Scan =>
  openScan(openIn(api, group === 'unknown' ? undefined : group).scanReading, { elapsed: () => 0 });

async function all(scan: Scan, list: ListQuery, size = 500): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const page of scan.pages(list, size)) entries.push(...page);
  return entries;
}

const putMany = (api: FakeApi, count: number) => {
  for (let at = 0; at < count; at++) putBlock(api, network(4, 0x0a000000n + BigInt(at) * 16n, 28));
};
const putPool = (api: FakeApi) =>
  api.put(`${G1}/ippools/p`, { metadata: { name: 'p' }, spec: { cidr: '10.0.0.0/24' } });

test('reads a list page by page, at most 100 blocks or 500 other objects at once', async () => {
  const api = openFakeApi(ofGroup(G1));
  putMany(api, 201);
  const scan = scanOf(api);
  expect(await all(scan, { all: 'block' }, 20_000)).toHaveLength(201);
  await all(scan, { all: 'handle' }, 20_000);
  const asked = api.rounds.flat().map((request) => request.replace(/&resourceVersion.*/, ''));
  expect(asked).toEqual([
    ...['limit=100', 'limit=100&continue=100', 'limit=100&continue=200'].map(
      (query) => `GET ${G1}/ipamblocks?${query}`,
    ),
    `GET ${G1}/ipamhandles?limit=500`,
  ]);
});

test('reads every list at the revision of the first', async () => {
  const api = openFakeApi(ofGroup(G1));
  putPool(api);
  const scan = scanOf(api);
  await all(scan, { all: 'IPPool' });
  const revision = scan.version();
  putMany(api, 1);
  await all(scan, { all: 'block' });
  expect(scan.version()).toBe(revision);
  expect(api.rounds.flat()[1]).toBe(
    `GET ${G1}/ipamblocks?limit=100&resourceVersion=${revision}&resourceVersionMatch=Exact`,
  );
});

test.each([
  [410, 'Expired', 'too old resource version'],
  [400, 'BadRequest', 'resourceVersionMatch is forbidden'],
  [504, 'Timeout', 'Too large resource version'],
])(
  'reads a list as it is now when the server cannot answer at that revision: %i %s',
  async (status, reason, message) => {
    const api = openFakeApi(ofGroup(G1));
    putPool(api);
    putMany(api, 1);
    const scan = scanOf(api);
    await all(scan, { all: 'IPPool' });
    const body = JSON.stringify({ kind: 'Status', code: status, reason, message, metadata: {} });
    api.disturb(/Exact/, { status, body });
    expect(await all(scan, { all: 'block' })).toHaveLength(1);
  },
);

test('asks for one object first when the API group is not known: a list of a missing kind is empty', async () => {
  const api = openFakeApi(ofGroup(G3));
  api.put(`${G3}/clusterinformations/default`, { metadata: { name: 'default' }, spec: {} });
  api.put(`${G3}/ippools/p`, { metadata: { name: 'p' }, spec: { cidr: '10.0.0.0/24' } });
  expect(await all(scanOf(api, 'unknown'), { all: 'IPPool' })).toHaveLength(1);
});

test('reports only with strays what is half deleted, unlabelled or cannot be read', async () => {
  const api = openFakeApi(ofGroup(G1));
  putBlock(api, block(0));
  putBlock(api, block(1), { deleted: true });
  api.put(`${G1}/ipamblocks/odd`, { metadata: { name: 'odd' }, spec: { cidr: 'nonsense' } });
  api.put(`${G1}/blockaffinities/a`, {
    metadata: { name: 'a' },
    spec: { node: 'n', cidr: '10.0.0.0/28', deleted: 'false' },
  });
  expect(await all(scanOf(api), { all: 'block' })).toMatchObject([{ ref: { cidr: { text: '10.0.0.0/28' } } }]);
  expect(await all(scanOf(api), { all: 'block', strays: true })).toMatchObject([
    { ref: { kind: 'block' } },
    { ref: { kind: 'unknown', among: 'block' }, at: 'ipamblocks/10-0-0-16-28', oddity: 'half deleted' },
    { ref: { kind: 'unknown', among: 'block' }, at: 'ipamblocks/odd' },
  ]);
  expect(await all(scanOf(api), { all: 'affinity' })).toMatchObject([{ ref: { type: 'host', node: 'n' } }]);
  expect(await all(scanOf(api), { all: 'affinity', strays: true })).toMatchObject([{ oddity: 'unlabelled' }]);
});

test('kinds that only etcd stores are empty, and deleting from them does nothing', async () => {
  const api = openFakeApi(ofGroup(G1));
  expect(await all(scanOf(api), { all: 'BlockAffinity', strays: true })).toEqual([]);
  expect(api.rounds).toEqual([]);
});

test('knows the versions of all answers with the first page, also of a kind that is two lists', async () => {
  const api = openFakeApi([...ofGroup(G1), '/api/v1/namespaces', '/api/v1/serviceaccounts']);
  api.put('/api/v1/namespaces/prod', { metadata: { name: 'prod' } });
  api.put('/api/v1/serviceaccounts/web', { metadata: { name: 'web', namespace: 'prod' } });
  const scan = scanOf(api);
  const pages = scan.pages({ all: 'Profile' }, 500);
  const { value } = await pages.next();
  expect(value).toMatchObject([{ ref: { name: 'projectcalico-default-allow' } }]);
  const early = scan.version();
  await pages.return(undefined);
  expect(early).toMatch(/^\d+\/\d+$/);
});

test.each([
  ['reads the next page while one is worked on', undefined, 2],
  ['reads a page only when it is wanted, unhurried', 'unhurried', 1],
] as const)('%s', async (_, pace, expected) => {
  const api = openFakeApi(ofGroup(G1));
  putMany(api, 201);
  const pages = scanOf(api).pages({ all: 'block' }, 100, pace);
  await pages.next();
  expect(api.rounds.flat()).toHaveLength(expected);
  let count = 1;
  for await (const _page of pages) count++;
  expect(count).toBe(3);
});
