import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { initialise } from '../../../ctl/change/initialise.ts';
import { patch } from '../../../ctl/change/patch.ts';
import { remove } from '../../../ctl/change/remove.ts';
import { type Manner, write } from '../../../ctl/change/write.ts';
import { kindNamed } from '../../../ctl/kinds/kinds.ts';
import type { AnyResource, Fields } from '../../../ctl/resource/resource.ts';
import { transact } from '../../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../../shared/datastore/view.ts';
import { silent } from '../../../shared/log/log.ts';
import { type Connection, connected } from '../../support/fake-datastore/connection.ts';
import { fakeWorld } from '../../support/host/fake-world.ts';

const RESOURCES = '/calico/resources/v3/projectcalico.org';
const UID = '00000000-0000-0000-0000-000000000001';
const stamp = { now: BigInt(Date.UTC(2026, 10, 21)) * 1_000_000n, uid: () => UID };

const kind = (name: string) => {
  const found = kindNamed(name);
  if (found === undefined) throw new Error(`no kind ${name}`);
  return found;
};

const resource = (name: string, kindName: string, spec: Fields, metadata: Fields = {}): AnyResource => ({
  kind: kindName,
  apiVersion: 'projectcalico.org/v3',
  metadata: { name, ...metadata },
  spec,
});

const run = <A>(store: Connection, plan: () => Plan<Outcome<A>>) =>
  transact({ store, world: fakeWorld({}), log: silent, deadline: 1_000 }, plan);

function put(store: Connection, manner: Manner, given: AnyResource) {
  const request = { manner, kind: kind(given.kind), given, stamp };
  return run(store, () => write(request));
}

const failing = (message: string) => expect.objectContaining({ message });

describe('what is stored', () => {
  const { seed } = JSON.parse(readFileSync('test/interop/original/recordings/add-del.json', 'utf8'));

  test.each(Object.keys(seed).filter((key) => /ippools|nodes/.test(key)))('equals the recorded %s', async (key) => {
    const recorded = JSON.parse(seed[key]);
    const store = connected({});
    await put(store, 'create', resource(recorded.metadata.name, recorded.kind, recorded.spec));
    expect(store.dump()).toEqual({ [key]: seed[key] });
  });

  test('of a new resource are its name, labels and annotations, and nothing else that is given', async () => {
    const given = {
      uid: 'x',
      creationTimestamp: '2020-01-01T00:00:00Z',
      generation: 7,
      finalizers: ['f'],
      labels: { a: '1' },
    };
    const store = connected({});
    await put(store, 'create', resource('n1', 'Node', {}, given));
    expect(JSON.parse(store.dump()[`${RESOURCES}/nodes/n1`] ?? '').metadata).toEqual({
      name: 'n1',
      uid: UID,
      creationTimestamp: '2026-11-21T00:00:00Z',
      labels: { a: '1' },
    });
  });
});

describe('create, replace and apply', () => {
  const node = (spec: Fields, metadata: Fields = {}) => resource('n1', 'Node', spec, metadata);

  test('create refuses what exists, replace what does not, apply neither', async () => {
    const store = connected({});
    await expect(put(store, 'replace', node({}))).rejects.toEqual(
      failing('resource does not exist: Node(n1) with error: <nil>'),
    );
    await put(store, 'apply', node({}));
    await expect(put(store, 'create', node({}))).rejects.toEqual(
      failing('resource already exists: Node(n1) with error: <nil>'),
    );
    await put(store, 'apply', node({ bgp: { ipv4Address: '10.0.0.1' } }));
    expect(store.dump()[`${RESOURCES}/nodes/n1`]).toContain('"spec":{"bgp":{"ipv4Address":"10.0.0.1"}}');
  });

  test('a given version must be the latest; create ignores it', async () => {
    const store = connected({});
    const { metadata } = await put(store, 'create', node({}, { resourceVersion: '5' }));
    await put(store, 'replace', node({}, { resourceVersion: '1' }));
    expect(metadata.resourceVersion).toBeUndefined();
    await expect(put(store, 'replace', node({}, { resourceVersion: '1' }))).rejects.toEqual(
      failing('update conflict: Node(n1)'),
    );
    await expect(put(store, 'apply', node({}, { resourceVersion: 'abc' }))).rejects.toEqual(
      failing("error with field ResourceVersion = 'abc'"),
    );
  });

  test('labels are added to the existing ones', async () => {
    const store = connected({});
    await put(store, 'create', node({}, { labels: { a: '1' } }));
    const { metadata } = await put(store, 'apply', node({}, { labels: { b: '2' } }));
    expect(metadata.labels).toEqual({ a: '1', b: '2' });
  });

  test('another writer in between is not overwritten', async () => {
    const store = connected({});
    await put(store, 'create', node({}));
    store.before('commit', () =>
      store.put(`${RESOURCES}/nodes/n1`, '{"kind":"Node","metadata":{"name":"n1","uid":"theirs"}}'),
    );
    const { metadata } = await put(store, 'replace', node({}));
    expect(metadata.uid).toBe('theirs');
  });

  test.each(['WorkloadEndpoint', 'ClusterInformation', 'BlockAffinity'])('%s is not written', async (name) => {
    await expect(put(connected({}), 'apply', resource('x', name, {}))).rejects.toEqual(
      expect.objectContaining({ message: expect.stringMatching(`^operation apply is not supported on ${name}: `) }),
    );
  });
});

describe('a new pool', () => {
  const pool = (name: string, cidr: string, spec: Fields = {}) => resource(name, 'IPPool', { cidr, ...spec });

  test('may not overlap another', async () => {
    const store = connected({});
    await put(store, 'create', pool('p1', '10.10.0.0/24'));
    await expect(put(store, 'create', pool('p2', '10.10.0.128/25'))).rejects.toEqual(
      failing(
        "error with field IPPool.Spec.CIDR = '10.10.0.128/25' (IPPool(p2) CIDR overlaps with IPPool(p1) CIDR 10.10.0.0/24)",
      ),
    );
  });

  test('may not contain blocks of another size', async () => {
    const store = connected({ '/calico/ipam/v2/assignment/ipv4/block/10.10.0.64-26': 'not read' });
    await expect(put(store, 'create', pool('p1', '10.10.0.0/24', { blockSize: 28 }))).rejects.toEqual(
      failing(
        "error with field IPPool.Spec.BlockSize = '28' (IPPool blocksSize conflicts with existing allocations that use a different blockSize)",
      ),
    );
    await put(store, 'create', pool('p1', '10.10.0.0/24'));
  });
});

describe('settings of allocation', () => {
  const CONFIG = '/calico/ipam/v2/config';

  test('take effect with their resource, and end with it', async () => {
    const store = connected({});
    await put(store, 'apply', resource('default', 'IPAMConfiguration', { strictAffinity: true }));
    expect(store.dump()[CONFIG]).toBe('{"strict_affinity":true,"auto_allocate_blocks":true}');
    await run(store, () =>
      patch(kind('IPAMConfiguration'), { name: 'default' }, { spec: { maxBlocksPerHost: 2 } }, stamp),
    );
    expect(store.dump()[CONFIG]).toContain('"maxBlocksPerHost":2');
    await run(store, () => remove(kind('IPAMConfiguration'), { name: 'default' }));
    expect(store.dump()).toEqual({});
  });

  test('that were made without a resource can be patched', async () => {
    const store = connected({ [CONFIG]: '{"strict_affinity":true,"auto_allocate_blocks":true}' });
    await run(store, () =>
      patch(kind('IPAMConfiguration'), { name: 'default' }, { spec: { maxBlocksPerHost: 2 } }, stamp),
    );
    expect(store.dump()[CONFIG]).toBe('{"strict_affinity":true,"auto_allocate_blocks":true,"maxBlocksPerHost":2}');
    expect(store.dump()[`${RESOURCES}/ipamconfigurations/default`]).toContain(UID);
  });
});

describe('a new datastore', () => {
  test('gets what every cluster needs, once', async () => {
    const store = connected({});
    const made = await run(store, () => initialise(stamp));
    expect(made).toEqual(['ClusterInformation(default)', 'Tier(default)', 'Tier(kube-admin)', 'Tier(kube-baseline)']);
    expect(JSON.parse(store.dump()[`${RESOURCES}/clusterinformations/default`] ?? '').spec).toEqual({
      clusterGUID: UID.replaceAll('-', ''),
      datastoreReady: true,
    });
    expect(await run(store, () => initialise(stamp))).toEqual([]);
  });

  test('is not set ready when it was set not ready', async () => {
    const key = `${RESOURCES}/clusterinformations/default`;
    const store = connected({ [key]: '{"metadata":{"name":"default"},"spec":{"datastoreReady":false}}' });
    await run(store, () => initialise(stamp));
    expect(JSON.parse(store.dump()[key] ?? '').spec).toMatchObject({
      datastoreReady: false,
      clusterGUID: expect.stringMatching(/./),
    });
  });
});
