import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, type Container, test } from '../../support/bed/bed.ts';
import { addressesOf } from '../../support/calls/call.ts';
import { startEtcd } from '../../support/etcd/etcd.ts';
import { usedAddresses } from '../../support/invariants/transitions.ts';
import { BASE, CLUSTER_GUID, clusterInformation, conf } from '../../support/stored/cluster.ts';

const FOLDER = '/var/lib/calico/cni-journal';
const CLUSTER = '/calico/resources/v3/projectcalico.org/clusterinformations/default';
/** Other spellings of the bed's etcd than `http://127.0.0.1:2379`. */
const RESPELLED = 'http://localhost:2379';
const by = (etcd_endpoints: string | undefined, more: CallChanges = {}): CallChanges => ({
  conf: conf({ etcd_endpoints }),
  ...more,
});

describe.concurrent('an entry is drained into its own etcd', () => {
  test.for([
    { what: 'a member is added to the endpoints', endpoints: 'http://127.0.0.1:2379,http://127.0.0.1:1' },
    { what: 'the endpoints are spelled differently', endpoints: RESPELLED },
    { what: 'the endpoints come from the environment', env: { CALICO_ETCD_ENDPOINTS: RESPELLED } },
  ])('although $what', async ({ endpoints, env = {} }, { bed }) => {
    const [container, other] = [await bed.container(), await bed.container()];
    await bed.add(container);
    await deadDel(bed, container);
    await bed.add(other, by(endpoints, { env }));
    expect(entries(bed)).toEqual([]);
    expect(usedAddresses(await bed.etcd.dump())).toHaveLength(1);
  });

  test('and not again when the container was started with other endpoints of the same etcd', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    await deadDel(bed, container);
    const [address = ''] = addressesOf(await bed.add(container, by(RESPELLED)));
    const before = await bed.etcd.dump();
    const [other = ''] = addressesOf(await bed.add(await bed.container()));
    expect(other).not.toBe(address);
    const after = await bed.etcd.dump();
    for (const [key, value] of Object.entries(before)) if (!key.includes('/block/')) expect(after[key]).toBe(value);
    expect(usedAddresses(after)).toHaveLength(2);
  });

  test('even if this host has never used it before, and newer containers are not touched', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    await bed.host.must('rm', ['/var/lib/calico/cni-stores.json']);
    await deadDel(bed, container);
    expect(JSON.parse(read(bed, entries(bed)[0] ?? ''))).not.toHaveProperty('cluster');
    const before = addressesOf(await bed.add(container, by(RESPELLED)));
    await bed.add(await bed.container());
    await bed.add(await bed.container(), by(RESPELLED));
    expect(usedAddresses(await bed.etcd.dump())).toHaveLength(3);
    expect(addressesOf(await bed.add(container, by(RESPELLED)))).toEqual(before);
    await bed.del(container);
    expect(usedAddresses(await bed.etcd.dump())).toHaveLength(2);
  });

  test.for([
    { what: 'that the environment names', endpoints: undefined },
    { what: 'that an environment variable puts before the configured ones', endpoints: 'http://127.0.0.1:9' },
  ])('and never into another $what', async ({ endpoints }, { bed }) => {
    const other = await startEtcd(bed.host, 2479);
    await other.put({ ...BASE, ...clusterInformation({ clusterGUID: 'another' }) });
    const name = endpoints === undefined ? 'ETCD_ENDPOINTS' : 'CALICO_ETCD_ENDPOINTS';
    const [first, second] = [bed.etcd, other].map(({ endpoint }) => by(endpoints, { env: { [name]: endpoint } }));
    const [container, heir] = [await bed.container(), await bed.container()];
    await bed.add(container, first);
    await deadDel(bed, container, first);
    await bed.add(heir, second);
    expect(entries(bed)).toHaveLength(1);
    expect(usedAddresses(await bed.etcd.dump())).toHaveLength(1);
    await bed.del(heir, second);
    await bed.add(heir, first);
    expect(entries(bed)).toEqual([]);
    expect(usedAddresses(await bed.etcd.dump())).toHaveLength(1);
    await other.stop();
  });

  test('which is recognized by its own ID if it has no ClusterInformation', async ({ bed }) => {
    const stored = JSON.parse((await bed.etcd.dump(CLUSTER))[CLUSTER] ?? '');
    const { clusterGUID: _, ...unnamed } = stored.spec;
    await bed.etcd.put({ [CLUSTER]: JSON.stringify({ ...stored, spec: unnamed }) });
    const container = await bed.container();
    await bed.add(container);
    await deadDel(bed, container);
    expect(JSON.parse(read(bed, entries(bed)[0] ?? ''))).toMatchObject({
      cluster: expect.stringMatching(/^etcd-[0-9a-f]+$/),
    });
    await bed.add(await bed.container(), by(RESPELLED));
    expect(entries(bed)).toEqual([]);
  });

  test('with calico-ipam too, including the handles of a container that starts again', async ({ bed }) => {
    const [container, other] = [await bed.container(), await bed.container()];
    const alone = { plugin: 'calico-ipam' };
    await bed.add(container, alone);
    await deadDel(bed, container, alone);
    expect(JSON.parse(read(bed, entries(bed)[0] ?? ''))).toMatchObject({ cluster: CLUSTER_GUID });
    await bed.add(other, by(RESPELLED, alone));
    expect(entries(bed)).toEqual([]);
    await deadDel(bed, other, alone);
    await bed.add(other, by(RESPELLED));
    await bed.add(container, alone);
    expect(usedAddresses(await bed.etcd.dump())).toHaveLength(2);
  });
});

describe.concurrent('an entry', () => {
  test.for([
    'http://me:s3cret@127.0.0.1:1',
    'me:s3cret@127.0.0.1:1',
    'https://me:s3@cret@127.0.0.1:1',
    's3cret@127.0.0.1:1',
  ])('and the list of known datastores contain no credentials of %s', async (endpoints, { bed }) => {
    const container = await bed.container();
    await bed.add(container);
    await bed.del(container, by(`${endpoints},http://127.0.0.1:1`));
    const kept = await bed.host.must('sh', ['-c', 'cat /var/lib/calico/cni-journal/* /var/lib/calico/cni-stores.json']);
    expect(kept).toContain(container.containerID);
    expect(kept).not.toMatch(/s3|cret|me:|127\.0/);
  });
});

describe.concurrent('an entry of a version that identified etcd by its endpoint text', () => {
  test.for([
    { store: 'http://127.0.0.1:2379', isDone: true },
    { store: 'http://10.0.0.9:2379,http://127.0.0.1:2379/', isDone: true },
    { store: 'http://10.0.0.9:2379', isDone: false },
    { store: 'from the environment', isDone: false },
    { store: 'example.org', isDone: false },
  ])('($store) is drained there: $isDone', async ({ store, isDone }, { bed }) => {
    const container = await bed.container();
    await bed.add(container);
    await deadDel(bed, container);
    const [name = ''] = entries(bed);
    asBefore(bed, name, store);
    await bed.add(await bed.container());
    expect(entries(bed)).toEqual(isDone ? [] : [name]);
    expect(usedAddresses(await bed.etcd.dump())).toHaveLength(isDone ? 1 : 2);
  });

  test('is drained for endpoints of the environment if these match', async ({ bed }) => {
    const ours = by(undefined, { env: { ETCD_ENDPOINTS: bed.etcd.endpoint } });
    const container = await bed.container();
    await bed.add(container, ours);
    await deadDel(bed, container, ours);
    const [name = ''] = entries(bed);
    asBefore(bed, name, 'from the environment');
    await bed.add(await bed.container(), ours);
    expect(entries(bed)).toEqual([]);
    expect(usedAddresses(await bed.etcd.dump())).toHaveLength(1);
  });

  test('does not release anything newer than its file', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    await deadDel(bed, container);
    const [name = ''] = entries(bed);
    asBefore(bed, name, 'http://127.0.0.1:2379');
    const text = read(bed, name);
    const [address = ''] = addressesOf(await bed.add(container));
    expect(entries(bed)).toEqual([]);
    await bed.host.must('mkdir', ['-m', '700', '-p', FOLDER]);
    writeFileSync(bed.host.file(`${FOLDER}/${name}`), text);
    await bed.host.must('touch', ['-d', '1 minute ago', `${FOLDER}/${name}`]);
    await bed.add(await bed.container());
    expect(entries(bed)).toEqual([]);
    expect(usedAddresses(await bed.etcd.dump())).toContain(address);
    expect(usedAddresses(await bed.etcd.dump())).toHaveLength(2);
  });
});

const deadDel = async (bed: Bed, container: Container, changes: CallChanges = {}): Promise<void> => {
  await bed.host.must('ip', ['link', 'set', 'lo', 'down']);
  await bed.del(container, changes);
  await bed.host.must('ip', ['link', 'set', 'lo', 'up']);
};

const read = (bed: Bed, name: string) => readFileSync(bed.host.file(`${FOLDER}/${name}`), 'utf8');

function entries(bed: Bed): readonly string[] {
  const folder = bed.host.file(FOLDER);
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** Rewrites an entry as such a version wrote it. */
function asBefore(bed: Bed, name: string, store: string): void {
  const { cluster: _, endpoints: __, not: ___, due: ____, ...kept } = JSON.parse(read(bed, name));
  writeFileSync(bed.host.file(`${FOLDER}/${name}`), JSON.stringify({ ...kept, store }));
}
