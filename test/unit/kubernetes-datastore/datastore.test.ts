import { expect, test } from 'vitest';
import { stringifyJson } from '../../../shared/calico/json.ts';
import type { Datastore, SeenChange } from '../../../shared/datastore/datastore.ts';
import { affinitiesOf, get, handlesBeginning, POOLS, type Query } from '../../../shared/datastore/query.ts';
import {
  affinityRef,
  blockRef,
  CLUSTER_INFORMATION,
  handleRef,
  IPAM_CONFIG,
  poolRef,
  type Ref,
} from '../../../shared/datastore/ref.ts';
import { isOutcomeUnknown, isUnavailable } from '../../../shared/datastore/unavailable.ts';
import { type ApiGroup, V1 } from '../../../shared/kubernetes-datastore/api-group.ts';
import { kubernetesDatastore } from '../../../shared/kubernetes-datastore/datastore.ts';
import { blockName } from '../../../shared/kubernetes-datastore/object-names.ts';
import { type Cidr, network } from '../../../shared/net/cidr.ts';
import { type FakeApi, openFakeApi } from './fake-api.ts';

const KINDS = ['clusterinformations', 'ipamblocks', 'blockaffinities', 'ipamhandles', 'ipamconfigs', 'ippools'];
const G1 = '/apis/crd.projectcalico.org/v1';
const G3 = '/apis/projectcalico.org/v3';
const POOL: Cidr = network(4, 0x0a000000n, 24);
const block = (at: number, length = 28): Cidr => network(4, 0x0a000000n + BigInt(at) * 16n, length);
const later = 60_000;

const ofGroup = (group: string) => KINDS.map((kind) => `${group}/${kind}`);

const open = (api: FakeApi): Datastore => openIn(api, V1);

function openIn(api: FakeApi, group: ApiGroup | undefined): Datastore {
  const world = { elapsed: () => performance.now() % 1_000 };
  return kubernetesDatastore({
    line: api.line,
    world,
    node: 'node1',
    group,
    endpoints: { reading: 'written', env: {} },
  });
}

const ask = async (store: Datastore, ...queries: readonly Query[]) => store.read(queries, later);
const one = async (store: Datastore, ref: Ref) => (await ask(store, get(ref)))[0]?.entries[0];
const change = async (store: Datastore, ref: Ref, next: string | undefined): Promise<SeenChange> => ({
  ref,
  next,
  seen: (await one(store, ref))?.version,
});

const storedBlock = (
  cidr: Cidr,
  affinity: string | null = 'host:node1',
  sequenceNumber = 9_007_199_254_740_993n,
): string =>
  stringifyJson({
    cidr: cidr.text,
    affinity,
    allocations: [],
    unallocated: [],
    attributes: [],
    sequenceNumber,
    sequenceNumberForAllocation: {},
    deleted: false,
  });

function putBlock(api: FakeApi, cidr: Cidr, spec: object = {}): void {
  api.put(`${G1}/ipamblocks/${blockName(cidr)}`, {
    metadata: { name: blockName(cidr) },
    spec: { cidr: cidr.text, affinity: 'host:node2', deleted: false, ...spec },
  });
}

const CONFIRMED = '{"state":"confirmed","deleted":false}';
const handle = (cidr: Cidr, count = 1) => stringifyJson({ block: { [cidr.text]: count }, deleted: false });

test('queries of a read go out at once', async () => {
  const api = openFakeApi(ofGroup(G1));
  const answers = await ask(open(api), get(CLUSTER_INFORMATION), get(IPAM_CONFIG), POOLS, affinitiesOf('node1'));
  expect(answers.map(({ entries }) => entries)).toEqual([[], [], [], []]);
  expect(api.rounds.map((round) => round.length)).toEqual([4]);
});

test('the cluster is called by its GUID', async () => {
  const api = openFakeApi(ofGroup(G1));
  api.put(`${G1}/clusterinformations/default`, { metadata: { name: 'default' }, spec: { clusterGUID: 'c0ffee' } });
  const store = open(api);
  expect(store.cluster()).toBeUndefined();
  await one(store, CLUSTER_INFORMATION);
  expect(store.cluster()).toBe('c0ffee');
});

test('lists leave out what is not selected, half deleted or cannot be read', async () => {
  const api = openFakeApi(ofGroup(G1));
  const put = (id: string, spec: object) =>
    api.put(`${G1}/ipamhandles/${id}`, { metadata: { name: id }, spec: { handleID: id, block: {}, ...spec } });
  put('net.b', {});
  put('net.a', {});
  put('net.c', { deleted: true });
  put('net.d', { handleID: 7 });
  put('other.a', {});
  const [answer] = await ask(open(api), handlesBeginning('net.'));
  expect(answer?.entries.map(({ ref }) => ref)).toEqual([handleRef('net.a'), handleRef('net.b')]);
});

test('a server with v3 alone is found out from its first answers, and asked in v3 from then on', async () => {
  const api = openFakeApi(ofGroup(G3));
  api.put(`${G3}/clusterinformations/default`, { metadata: { name: 'default' }, spec: { clusterGUID: 'c3' } });
  const store = openIn(api, undefined);
  expect(await one(store, CLUSTER_INFORMATION)).toMatchObject({ at: 'clusterinformations/default' });
  await ask(store, POOLS);
  expect(api.rounds.flat()).toEqual([
    `GET ${G1}/clusterinformations/default`,
    `GET ${G3}/clusterinformations/default`,
    `GET ${G3}/ippools`,
  ]);
});

test('reads under way while the group is found out are all answered from it', async () => {
  const api = openFakeApi(ofGroup(G3));
  api.put(`${G3}/ippools/p1`, { metadata: { name: 'p1' }, spec: { cidr: '10.0.0.0/24' } });
  const store = openIn(api, undefined);
  const early = ask(store, POOLS);
  await new Promise((resolve) => setTimeout(resolve, 2));
  const answers = await Promise.all([early, ask(store, POOLS), ask(store, POOLS)]);
  expect(answers.flat().map(({ entries }) => entries.length)).toEqual([1, 1, 1]);
});

test('with both groups v1 is used, at no extra request', async () => {
  const api = openFakeApi([...ofGroup(G1), ...ofGroup(G3)]);
  await one(openIn(api, undefined), CLUSTER_INFORMATION);
  expect(api.rounds.flat()).toEqual([`GET ${G1}/clusterinformations/default`]);
});

test('a cluster without Calico is refused, naming the kind', async () => {
  const api = openFakeApi([]);
  await expect(one(openIn(api, undefined), CLUSTER_INFORMATION)).rejects.toMatchObject({
    kind: 'datastore refuses',
    message:
      'resource does not exist: ClusterInformation(default) with error: the server could not find the requested resource (get ClusterInformations.crd.projectcalico.org default)',
    remedy: expect.stringContaining('custom resource definitions'),
  });
});

test('a right that is missing is shown as the rule that would give it', async () => {
  const api = openFakeApi(ofGroup(G1));
  const message = 'ippools.crd.projectcalico.org is forbidden: User "nobody" cannot list resource "ippools"';
  api.disturb(/ippools/, { status: 403, body: JSON.stringify({ kind: 'Status', message, reason: 'Forbidden' }) });
  await expect(ask(open(api), POOLS)).rejects.toMatchObject({
    kind: 'datastore refuses',
    message: `connection is unauthorized: ${message}`,
    remedy: expect.stringContaining(
      '- apiGroups: ["crd.projectcalico.org"]\n  resources: ["ippools"]\n  verbs: ["get", "list", "create", "update", "delete"]',
    ),
  });
});

test('a server that asks for patience is asked again; a connection that breaks under a read is made anew', async () => {
  const api = openFakeApi(ofGroup(G1));
  api.disturb(/ipamconfigs/, { status: 429, body: '', retryAfter: 0.001 });
  api.disturb(/ipamconfigs/, 'no answer');
  expect(await one(open(api), IPAM_CONFIG)).toBeUndefined();
  expect(api.rounds.flat()).toHaveLength(3);
});

test('a server that is not there is unavailable', async () => {
  const api = openFakeApi(ofGroup(G1));
  api.disturb(/ipamconfigs/, 'not reached');
  const failed = await one(open(api), IPAM_CONFIG).catch((thrown: unknown) => thrown);
  expect(isUnavailable(failed) && failed.reason).toBe('unreachable');
});

test('a first ADD announces its claim, writes the block, then handle and claim together', async () => {
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

test('a phase that loses its race is the last, and what is there now comes back', async () => {
  const api = openFakeApi(ofGroup(G1));
  const store = open(api);
  const [own, id] = [block(1), handleRef('net.c0ffee')];
  const changes = [await change(store, blockRef(own), storedBlock(own)), await change(store, id, handle(own))];
  putBlock(api, own);
  const result = await store.commit(changes, [], later);
  expect(result).toMatchObject({ done: false, fresh: [{ ref: blockRef(own) }] });
  expect(api.get(`${G1}/ipamhandles/net.c0ffee`)).toBeUndefined();
});

test('what was read again and has changed is not written over', async () => {
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

test('a deletion that meets a later state of the object is lost', async () => {
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

test('a guard that has changed ends a commit after its first phase', async () => {
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

test('a half deleted block is finished off by whoever claims it', async () => {
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
  ['an answer that never came', 'no answer' as const],
  ['a failure within the server', { status: 500, body: '{"kind":"Status","message":"etcdserver: request timed out"}' }],
])('%s leaves a commit in doubt', async (_, disturbance) => {
  const api = openFakeApi(ofGroup(G1));
  const store = open(api);
  const made = await change(store, blockRef(block(1)), storedBlock(block(1)));
  api.disturb(/POST .*ipamblocks/, disturbance);
  const failed = await store.commit([made], [], later).catch((thrown: unknown) => thrown);
  expect(isOutcomeUnknown(failed)).toBe(true);
});

test('a server lost between two phases leaves the commit in doubt; one lost before the first does not', async () => {
  const api = openFakeApi(ofGroup(G1));
  const store = open(api);
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

test('an ADD whose handle is refused takes its block and its claim back', async () => {
  const api = openFakeApi(ofGroup(G1));
  const [held, own] = [block(1), block(2)];
  putBlock(api, held, { affinity: 'host:node1', sequenceNumber: 5 });
  const store = open(api);
  const changes = [
    await change(store, affinityRef('node1', own), CONFIRMED),
    await change(store, blockRef(own), storedBlock(own)),
    await change(store, blockRef(held), storedBlock(held, 'host:node1', 6n)),
    await change(store, handleRef('net.c0ffee'), handle(own)),
  ];
  api.disturb(/POST .*ipamhandles/, { status: 403, body: '{"kind":"Status","message":"no"}' });
  await expect(store.commit(changes, [], later)).rejects.toMatchObject({ kind: 'datastore refuses' });
  expect(api.paths()).toEqual([`${G1}/ipamblocks/${blockName(held)}`]);
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

const search = { pool: { cidr: POOL, blockSize: 28 }, start: block(14) };
const texts = (refs: readonly Ref[] = []) => refs.map((ref) => (ref.kind === 'block' ? ref.cidr.text : ref.kind));

test('free blocks: those where the walk begins, asked for by name', async () => {
  const api = openFakeApi(ofGroup(G1));
  putBlock(api, block(14));
  const [answer] = await ask(open(api), { freeBlocks: search });
  expect(texts(answer?.refs).slice(0, 4)).toEqual(['10.0.0.224/28', '10.0.0.240/28', '10.0.0.0/28', '10.0.0.16/28']);
  expect(answer?.entries.map(({ ref }) => ref)).toEqual([blockRef(block(14))]);
  expect(answer?.next).toBeDefined();
  expect(api.rounds).toHaveLength(1);
});

test('free blocks: when the first are taken, the names tell the rest in the same round', async () => {
  const api = openFakeApi(ofGroup(G1));
  for (let at = 0; at < 16; at++) if (at !== 9) putBlock(api, block(at));
  const [answer] = await ask(open(api), { freeBlocks: search });
  expect(texts(answer?.refs).at(-1)).toBe('10.0.0.144/28');
  expect(answer?.refs).toHaveLength(9);
  expect(answer?.next).toBeUndefined();
  expect(api.rounds).toHaveLength(1);
});

test('free blocks: what a block of another size is in the way of is passed over', async () => {
  const api = openFakeApi(ofGroup(G1));
  putBlock(api, block(14, 27));
  const [answer] = await ask(open(api), { freeBlocks: search });
  expect(texts(answer?.refs)[0]).toBe('10.0.0.0/28');
});

test('free blocks: a search goes on among all names', async () => {
  const api = openFakeApi(ofGroup(G1));
  const store = open(api);
  const [first] = await ask(store, { freeBlocks: search });
  putBlock(api, block(7));
  const [second] = await ask(store, { freeBlocks: { ...search, after: first?.next } });
  expect(texts(second?.refs)).toEqual([6, 8, 9, 10, 11, 12, 13].map((at) => block(at).text));
  expect(second?.next).toBeUndefined();
});

test('used blocks: those of the pool, in the order of the walk', async () => {
  const api = openFakeApi(ofGroup(G1));
  for (const cidr of [block(1), block(15), block(14), network(4, 0x0b000000n, 28)]) putBlock(api, cidr);
  const [answer] = await ask(open(api), { usedBlocks: search });
  expect(texts(answer?.entries.map(({ ref }) => ref))).toEqual(['10.0.0.224/28', '10.0.0.240/28', '10.0.0.16/28']);
  expect(answer?.next).toBeUndefined();
});

const BLOCKS: Query = { all: 'block' };
const putMany = (api: FakeApi, count: number) => {
  for (let at = 0; at < count; at++) putBlock(api, network(4, 0x0a000000n + BigInt(at) * 16n, 28));
};

test('all blocks of a large cluster come in pages', async () => {
  const api = openFakeApi(ofGroup(G1));
  putMany(api, 1_001);
  const [answer] = await ask(open(api), BLOCKS);
  expect(answer?.entries).toHaveLength(1_001);
  expect(api.rounds.flat()).toEqual(
    ['limit=500', 'limit=500&continue=500', 'limit=500&continue=1000'].map((query) => `GET ${G1}/ipamblocks?${query}`),
  );
});

test('a list whose next page the server has no longer goes on where the server says', async () => {
  const api = openFakeApi(ofGroup(G1));
  putMany(api, 501);
  const expired = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old', metadata: { continue: '500' } };
  api.disturb(/continue=/, { status: 410, body: JSON.stringify(expired) });
  const [answer] = await ask(open(api), BLOCKS);
  expect(answer?.entries).toHaveLength(501);
});

test('a list whose next page is gone without a word where to go on is refused', async () => {
  const api = openFakeApi(ofGroup(G1));
  putMany(api, 501);
  const expired = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old', metadata: {} };
  api.disturb(/continue=/, { status: 410, body: JSON.stringify(expired) });
  await expect(ask(open(api), BLOCKS)).rejects.toThrow('too old');
});
