import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { stringifyJson } from '../../../shared/calico/json.ts';
import type { Datastore, SeenChange } from '../../../shared/datastore/datastore.ts';
import { affinitiesOf, get, handlesBeginning, POOLS, type Query } from '../../../shared/datastore/query.ts';
import {
  affinityRef,
  blockRef,
  CLUSTER_INFORMATION,
  handleRef,
  IPAM_CONFIG,
  type Ref,
} from '../../../shared/datastore/ref.ts';
import { type ApiConnection, openApiConnection } from '../../../shared/kubernetes/api-connection.ts';
import { configuredGroup } from '../../../shared/kubernetes-datastore/api-group.ts';
import { kubernetesDatastore } from '../../../shared/kubernetes-datastore/datastore.ts';
import { silent } from '../../../shared/log/log.ts';
import { type Cidr, network } from '../../../shared/net/cidr.ts';
import { API_SOCKET } from '../../support/kubernetes/api-server.ts';
import { PLUGIN_TOKEN } from '../../support/kubernetes/plugin-user.ts';
import type { KubernetesBed } from '../../support/kubernetes-datastore/bed.ts';
import { inBothGroups } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { apiVersionOf, configPlural, resourcePath } from '../../support/kubernetes-datastore/custom-resources.ts';
import { grantRights, RIGHTS } from '../../support/kubernetes-datastore/plugin-rights.ts';

const block = (at: number): Cidr => network(4, 0xc0a80000n + BigInt(at) * 64n, 26);
const FREE = Array.from({ length: 64 }, (_, ordinal) => ordinal);
const EXACT = 1_795_828_861_775_729_167n;
const CONFIRMED = '{"state":"confirmed","deleted":false}';
const later = (): number => performance.now() + 20_000;

const stored = (cidr: Cidr, affinity: string | null = 'host:node1', sequenceNumber = EXACT): string =>
  stringifyJson({
    cidr: cidr.text,
    affinity,
    allocations: FREE.map(() => null),
    unallocated: FREE,
    attributes: [],
    sequenceNumber,
    sequenceNumberForAllocation: null,
    deleted: false,
  });

const handle = (cidr: Cidr): string => stringifyJson({ block: { [cidr.text]: 1 }, deleted: false });

/** The machine's API server at a port of the test's own. */
async function bridge(bed: KubernetesBed): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((client) => {
    const socket = connect(bed.host.file(API_SOCKET));
    client.pipe(socket).pipe(client);
    client.on('error', () => socket.destroy());
    socket.on('error', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

inBothGroups('the Kubernetes datastore with %s', (bed, group) => {
  let way: Awaited<ReturnType<typeof bridge>>;
  let api: ApiConnection;
  let store: Datastore;

  beforeAll(async () => {
    way = await bridge(bed);
  });
  beforeEach(async () => {
    await bed.reset();
    [api, store] = open(apiVersionOf(group));
  });
  afterEach(() => store.close());
  afterAll(() => way?.close());

  function open(given: string, token = PLUGIN_TOKEN): [ApiConnection, Datastore] {
    const server = new URL(`https://127.0.0.1:${way.port}`);
    const access = { server, tls: { verify: false }, authorization: `Bearer ${token}`, source: '' };
    const world = { elapsed: () => performance.now() };
    const opened = openApiConnection({ readAccess: async () => access, world, log: silent });
    const endpoints = { reading: 'written', env: {} } as const;
    const options = { api: opened, world, node: 'node1', group: configuredGroup(given), endpoints };
    return [opened, kubernetesDatastore(options)];
  }

  const read = async (...queries: readonly Query[]) => store.read(queries, later());
  const one = async (ref: Ref) => (await read(get(ref)))[0]?.entries[0];
  const change = async (ref: Ref, next: string | undefined): Promise<SeenChange> => ({
    ref,
    next,
    seen: (await one(ref))?.version,
  });
  const put = async (ref: Ref, next: string | undefined) => store.commit([await change(ref, next)], [], later());
  const raw = async (plural: string, name: string) => bed.ask('GET', resourcePath(group, plural, name));

  test('claims a block, its handle and its affinity, all valid by the schema', async () => {
    const own = block(1);
    const id = handleRef('k8s-pod-network.c0ffee0001');
    const changes = [
      await change(affinityRef('node1', own), CONFIRMED),
      await change(blockRef(own), stored(own)),
      await change(id, handle(own)),
    ];
    expect(await store.commit(changes, [], later())).toEqual({ done: true });
    const [affinities, handles, found] = await read(
      affinitiesOf('node1'),
      handlesBeginning('k8s-pod-network.'),
      get(blockRef(own)),
    );
    expect(affinities?.entries).toMatchObject([{ ref: affinityRef('node1', own), value: CONFIRMED }]);
    expect(handles?.entries).toMatchObject([{ ref: id, value: handle(own) }]);
    expect(found?.entries[0]?.value).toContain(`"sequenceNumber":${EXACT},`);
    const { text } = await raw('ipamblocks', '192-168-0-64-26');
    expect(text).toContain(`"sequenceNumber":${EXACT},`);
    expect(text).toContain('"strictAffinity":false');
  });

  test('does not overwrite a block changed by another writer, and returns its current value', async () => {
    const own = block(2);
    expect(await put(blockRef(own), stored(own))).toEqual({ done: true });
    const mine = await change(blockRef(own), stored(own, 'host:node1', EXACT + 1n));
    const [otherConnection, other] = open(apiVersionOf(group));
    const [theirs] = await other.read([get(blockRef(own))], later());
    const next = stored(own, 'host:node1', EXACT + 2n);
    const seen = theirs?.entries[0]?.version;
    expect(await other.commit([{ ref: blockRef(own), next, seen }], [], later())).toEqual({ done: true });
    otherConnection.close();
    const lost = await store.commit([mine], [], later());
    expect(lost).toMatchObject({ done: false, fresh: [{ ref: blockRef(own) }] });
    expect('fresh' in lost && lost.fresh[0]?.value).toContain(`"sequenceNumber":${EXACT + 2n},`);
  });

  test('deletes only the object and the state that it has read', async () => {
    const own = block(3);
    await put(blockRef(own), stored(own));
    const { body } = await raw('ipamblocks', '192-168-0-192-26');
    const { uid, resourceVersion } = body['metadata'] as { readonly uid: string; readonly resourceVersion: string };
    const deleting = (preconditions: object) =>
      api.ask(
        {
          method: 'DELETE',
          path: resourcePath(group, 'ipamblocks', '192-168-0-192-26'),
          body: JSON.stringify({ kind: 'DeleteOptions', apiVersion: 'v1', preconditions }),
        },
        later(),
      );
    const wrong = '00000000-0000-4000-8000-000000000000';
    expect((await deleting({ uid: wrong, resourceVersion })).status).toBe(409);
    expect((await deleting({ uid, resourceVersion: '1' })).status).toBe(409);
    expect(await put(blockRef(own), undefined)).toEqual({ done: true });
    expect((await raw('ipamblocks', '192-168-0-192-26')).status).toBe(404);
  });

  test('treats what the original has half deleted as gone, and finishes the deletion', async () => {
    const own = block(4);
    const { objects, apply } = bed;
    await apply(objects.block(own.text, { node: 'node2', spec: { deleted: true } }));
    await apply(objects.affinity('node1', own.text, { deleted: group === 'projectcalico.org' ? true : 'true' }));
    await apply(objects.handle('net.half', {}, { deleted: true }));
    expect((await read(affinitiesOf('node1'), handlesBeginning('net.'))).map(({ entries }) => entries)).toEqual([
      [],
      [],
    ]);
    expect(await put(affinityRef('node1', own), CONFIRMED)).toEqual({ done: true });
    expect(await put(blockRef(own), stored(own))).toEqual({ done: true });
    expect(await put(handleRef('net.half'), handle(own))).toEqual({ done: true });
    expect((await one(blockRef(own)))?.value).toContain('"affinity":"host:node1"');
  });

  test('finds free and used blocks by names and by objects', async () => {
    const { objects, apply } = bed;
    for (const at of [5, 6]) await apply(objects.block(block(at).text, { node: 'node2' }));
    const pool = { cidr: network(4, 0xc0a80000n, 16), blockSize: 26 };
    const [free, used] = await read(
      { freeBlocks: { pool, start: block(5) } },
      { usedBlocks: { pool, start: block(6) } },
    );
    expect(free?.entries.map(({ ref }) => ref)).toEqual([5, 6].map((at) => blockRef(block(at))));
    expect(free?.refs.slice(0, 4)).toEqual([5, 6, 7, 8].map((at) => blockRef(block(at))));
    expect(used?.entries.map(({ ref }) => ref)).toEqual([6, 5].map((at) => blockRef(block(at))));
    const [more] = await read({ freeBlocks: { pool, start: block(5), after: free?.next } });
    expect(more?.refs[0]).toEqual(blockRef(block(13)));
  });

  test("detects the API group from the server's answers", async () => {
    const [, unset] = open('');
    const [information, pools] = await unset.read([get(CLUSTER_INFORMATION), POOLS], later());
    expect(information?.entries[0]?.at).toBe('clusterinformations/default');
    expect(pools?.entries).toMatchObject([{ ref: { kind: 'IPPool', name: 'default-ipv4-ippool' } }]);
    expect(unset.cluster()).toMatch(/^[0-9a-f]{32}$/);
    unset.close();
  });

  test('reads and writes IPAM settings', async () => {
    const writing = ['create', 'update'].map((verb) => ({ group, resource: configPlural(group), verb }));
    await grantRights(bed.ask, [...RIGHTS, ...writing]);
    expect(await one(IPAM_CONFIG)).toBeUndefined();
    const next = '{"strict_affinity":true,"auto_allocate_blocks":true,"maxBlocksPerHost":3}';
    expect(await put(IPAM_CONFIG, next)).toEqual({ done: true });
    expect(JSON.parse((await one(IPAM_CONFIG))?.value ?? '')).toMatchObject(JSON.parse(next));
    await grantRights(bed.ask);
  });

  test('names the rule of a missing permission, and rejects other credentials', async () => {
    await grantRights(
      bed.ask,
      RIGHTS.filter(({ resource }) => resource !== 'ipamblocks'),
    );
    await expect(one(blockRef(block(1)))).rejects.toMatchObject({
      message: expect.stringContaining('connection is unauthorized: ipamblocks.'),
      remedy: expect.stringContaining('resources: ["ipamblocks"]'),
    });
    await grantRights(bed.ask);
    const [, wrong] = open(apiVersionOf(group), 'nobody');
    await expect(wrong.read([POOLS], later())).rejects.toMatchObject({
      message: 'connection is unauthorized: Unauthorized',
    });
    wrong.close();
  });

  test('leaves nothing of an ADD that may not write handles', async () => {
    await grantRights(
      bed.ask,
      RIGHTS.filter(({ resource, verb }) => resource !== 'ipamhandles' || verb === 'get'),
    );
    const own = block(7);
    const changes = [
      await change(affinityRef('node1', own), CONFIRMED),
      await change(blockRef(own), stored(own)),
      await change(handleRef('net.c0ffee'), handle(own)),
    ];
    await expect(store.commit(changes, [], later())).rejects.toMatchObject({ kind: 'datastore refuses' });
    await grantRights(bed.ask);
    expect(await bed.list('ipamblocks')).toEqual([]);
    expect(await bed.list('blockaffinities')).toEqual([]);
  });

  test('reconnects to a server that was temporarily unreachable', async () => {
    await one(CLUSTER_INFORMATION);
    await bed.kubernetes.kill();
    await expect(one(CLUSTER_INFORMATION)).rejects.toMatchObject({ kind: 'datastore unavailable' });
    await bed.kubernetes.restart();
    expect(await one(CLUSTER_INFORMATION)).toBeDefined();
  });
});
