import { expect, test } from 'vitest';
import { affinitiesOf, get, handlesBeginning, POOLS } from '../../../shared/datastore/query.ts';
import { CLUSTER_INFORMATION, handleRef, IPAM_CONFIG } from '../../../shared/datastore/ref.ts';
import { isUnavailable } from '../../../shared/datastore/unavailable.ts';
import { V1, V3 } from '../../../shared/kubernetes-datastore/api-group.ts';
import { openFakeApi } from './fake-api.ts';
import { ask, G1, G3, ofGroup, one, open, openIn } from './fake-datastore.ts';

test('the queries of a read are sent in parallel', async () => {
  const api = openFakeApi(ofGroup(G1));
  const answers = await ask(open(api), get(CLUSTER_INFORMATION), get(IPAM_CONFIG), POOLS, affinitiesOf('node1'));
  expect(answers.map(({ entries }) => entries)).toEqual([[], [], [], []]);
  expect(api.rounds.map((round) => round.length)).toEqual([4]);
});

test('the ID of the cluster is its GUID', async () => {
  const api = openFakeApi(ofGroup(G1));
  api.put(`${G1}/clusterinformations/default`, { metadata: { name: 'default' }, spec: { clusterGUID: 'c0ffee' } });
  const store = open(api);
  expect(store.cluster()).toBeUndefined();
  await one(store, CLUSTER_INFORMATION);
  expect(store.cluster()).toBe('c0ffee');
});

test('lists leave out objects that are not selected, half deleted or unreadable', async () => {
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

test('a server with only v3 is detected from its first answers, and v3 is used from then on', async () => {
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

test('reads running while the group is detected all get answers from it', async () => {
  const api = openFakeApi(ofGroup(G3));
  api.put(`${G3}/ippools/p1`, { metadata: { name: 'p1' }, spec: { cidr: '10.0.0.0/24' } });
  const store = openIn(api, undefined);
  const early = ask(store, POOLS);
  await new Promise((resolve) => setTimeout(resolve, 2));
  const answers = await Promise.all([early, ask(store, POOLS), ask(store, POOLS)]);
  expect(answers.flat().map(({ entries }) => entries.length)).toEqual([1, 1, 1]);
});

test.each([
  [G3, V3, V3, [G3]],
  [G1, V3, V1, [G3, G1]],
  [G3, V1, V3, [G1, G3]],
] as const)(
  'on a server with only %s the group is found, where %o is remembered',
  async (served, remembered, found, asked) => {
    const api = openFakeApi(ofGroup(served));
    const store = openIn(api, undefined, remembered);
    await ask(store, POOLS);
    expect(api.rounds.flat()).toEqual(asked.map((group) => `GET ${group}/ippools`));
    expect(store.foundGroup()).toEqual(found);
  },
);

test('with both groups v1 is used, without an extra request', async () => {
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

test('a missing permission is reported with the rule that grants it', async () => {
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

test('a request is retried when the server says so; a read is repeated when the connection breaks', async () => {
  const api = openFakeApi(ofGroup(G1));
  api.disturb(/ipamconfigs/, { status: 429, body: '', retryAfter: 0.001 });
  api.disturb(/ipamconfigs/, 'no answer');
  expect(await one(open(api), IPAM_CONFIG)).toBeUndefined();
  expect(api.rounds.flat()).toHaveLength(3);
});

test('a server that cannot be reached is unavailable', async () => {
  const api = openFakeApi(ofGroup(G1));
  api.disturb(/ipamconfigs/, 'not reached');
  const failed = await one(open(api), IPAM_CONFIG).catch((thrown: unknown) => thrown);
  expect(isUnavailable(failed) && failed.reason).toBe('unreachable');
});
