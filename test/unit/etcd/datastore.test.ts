import { describe, expect, test } from 'vitest';
import { affinitiesOf, ENDPOINT_NAMES, get, handlesBeginning, POOLS } from '../../../shared/datastore/query.ts';
import { endpointRef, handleRef, IPAM_CONFIG, poolRef, textOf } from '../../../shared/datastore/ref.ts';
import { affinitiesPrefix, handleKey, keyOf } from '../../../shared/etcd/keys.ts';
import { scanPages } from '../../../shared/etcd/scan.ts';
import { connected } from '../../support/fake-datastore/connection.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { claimOn } from '../../support/stored/ipam-world.ts';

const DEADLINE = 1_000;
const POOL = keyOf(poolRef('p'));
const [ONE, TWO] = [handleRef('one'), handleRef('two')];

describe('etcd as a datastore', () => {
  test('answers queries in order, all in one round trip', async () => {
    const etcd = connected({ [keyOf(ONE)]: '1', [keyOf(poolRef('p'))]: '{}' });
    const answers = await etcd.read([get(TWO), POOLS, get(ONE), get(IPAM_CONFIG)], DEADLINE);
    expect(answers.map(({ entries }) => entries.map(({ ref }) => textOf(ref)))).toEqual([
      [],
      ['IPPool(p)'],
      ['Handle(one)'],
      [],
    ]);
    expect(answers[2]?.entries).toEqual([{ ref: ONE, at: keyOf(ONE), value: '1', version: '1' }]);
    expect(etcd.calls).toEqual([`read ${keyOf(TWO)} ${POOL.slice(0, -1)} ${keyOf(ONE)} ${keyOf(IPAM_CONFIG)}`]);
  });

  test('omits keys that belong to no object from lists', async () => {
    const etcd = connected({
      [`${POOL}/q`]: '{}',
      [claimOn('n1', '10.0.0.0/26')]: '{}',
      [`${affinitiesPrefix('n1')}ipv4/block/10.0.0.1-26`]: '{}',
      [`${affinitiesPrefix('n1')}notes`]: '{}',
    });
    const [pools, affinities] = await etcd.read([POOLS, affinitiesOf('n1')], DEADLINE);
    expect(pools?.entries).toEqual([]);
    expect(affinities?.entries.map(({ ref }) => textOf(ref))).toEqual(['BlockAffinity(host:n1, 10.0.0.0/26)']);
  });

  test('answers names without values', async () => {
    const etcd = connected({
      [keyOf(endpointRef('prod', 'w'))]: 'large',
      [keyOf(endpointRef('prod', 'w/x'))]: 'large',
    });
    expect(await etcd.read([ENDPOINT_NAMES], DEADLINE)).toEqual([
      { entries: [], refs: [{ kind: 'WorkloadEndpoint', namespace: 'prod', name: 'w' }] },
    ]);
  });

  test('splits a read that is too large for one Txn', async () => {
    const ids = Array.from({ length: 300 }, (_, at) => `h${at}`);
    const etcd = connected(Object.fromEntries(ids.map((id) => [handleKey(id), id])));
    const answers = await etcd.read([...ids.map((id) => get(handleRef(id))), handlesBeginning('h29')], DEADLINE);
    expect(answers.slice(0, 300).map(({ entries }) => entries[0]?.value)).toEqual(ids);
    expect(answers[300]?.entries).toHaveLength(11);
    expect(etcd.calls.map((call) => call.split(' ').length - 1)).toEqual([128, 128, 45]);
  });

  test('commits changes, deletions and creations if everything is as seen', async () => {
    const etcd = connected({ [keyOf(ONE)]: '1', [keyOf(IPAM_CONFIG)]: 'c' });
    const changes = [
      { ref: ONE, next: undefined, seen: '1' },
      { ref: TWO, next: '2', seen: undefined },
    ];
    expect(await etcd.commit(changes, [{ ref: IPAM_CONFIG, seen: '1' }], DEADLINE)).toEqual({ done: true });
    expect(etcd.dump()).toEqual({ [keyOf(TWO)]: '2', [keyOf(IPAM_CONFIG)]: 'c' });
  });

  test('commits nothing if a changed or guarded object is not as seen, and returns all current values', async () => {
    for (const changed of [ONE, TWO, IPAM_CONFIG]) {
      const etcd = connected({ [keyOf(ONE)]: '1', [keyOf(IPAM_CONFIG)]: 'c' });
      etcd.put(keyOf(changed), 'other');
      const changes = [
        { ref: ONE, next: undefined, seen: '1' },
        { ref: TWO, next: '2', seen: undefined },
      ];
      const result = await etcd.commit(changes, [{ ref: IPAM_CONFIG, seen: '1' }], DEADLINE);
      expect(result.done, textOf(changed)).toBe(false);
      const fresh = result.done ? [] : result.fresh;
      expect(fresh).toContainEqual({ ref: changed, at: keyOf(changed), value: 'other', version: '2' });
      expect(fresh).toHaveLength(changed === TWO ? 3 : 2);
    }
  });
});

test('scans every object of a kind page by page, and reports keys of no object as unknown', async () => {
  const store = fakeStore({
    [claimOn('n1', '10.0.0.0/26')]: 'a',
    [claimOn('n1', 'fd00::/122')]: 'b',
    '/calico/ipam/v2/host/n2': 'c',
    '/calico/ipam/v2/host/n2/ipv4': 'e',
    '/calico/ipam/v2/virtual/lb/ipv4/block/10.0.0.64-26': 'd',
  });
  const read = scanPages(
    async (from, to, limit) => store.read([{ from, to, limit }])[0] ?? { entries: [], more: false },
  );
  const pages: string[][] = [];
  for await (const page of read({ all: 'affinity', strays: true }, 2)) pages.push(page.map(({ ref }) => textOf(ref)));
  expect(pages).toEqual([
    ['BlockAffinity(host:n1, 10.0.0.0/26)', 'BlockAffinity(host:n1, fd00::/122)'],
    ['/calico/ipam/v2/host/n2/ipv4'],
    ['BlockAffinity(virtual:lb, 10.0.0.64/26)'],
  ]);
});
