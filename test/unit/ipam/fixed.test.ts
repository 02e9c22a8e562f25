import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import type { AssignRequest } from '../../../ipam/allocate/request.ts';
import { acting, carryOut, finish, interleave } from '../../support/fake-datastore/actor.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { violations } from '../../support/invariants/invariants.ts';
import {
  at,
  block,
  CONFIG,
  claimOn,
  handle,
  node,
  pool,
  request,
  reservation,
} from '../../support/stored/ipam-world.ts';

const POOL = pool('p', { cidr: '10.10.0.0/24', blockSize: 30 });
const SIX = pool('six', { cidr: 'fd00:1::/112', blockSize: 122 });
const STRICT = { [CONFIG]: '{"strict_affinity":true,"auto_allocate_blocks":true}' };

const ask = async (
  model: FakeStore,
  name: string,
  container: string,
  fixed: readonly string[],
  more: Partial<AssignRequest> = {},
) =>
  (await carryOut(model, () => assign(request(name, container, { fixed, ...more })))).addresses.map(
    ({ address }) => address,
  );
const failing = (run: () => Promise<unknown>, message: string) =>
  expect(run).rejects.toThrow(expect.objectContaining({ kind: 'refused', message }));

describe('a requested address', () => {
  test('is assigned, and its block claimed, in one transaction and three round trips', async () => {
    const model = fakeStore(POOL);
    expect(await ask(model, 'node1', 'c1', ['10.10.0.9'])).toEqual(['10.10.0.9']);
    expect(model.trips).toEqual(['read 6', 'read 1', 'commit 3']);
    expect(model.get(block('10.10.0.8/30'))?.value).toMatch(
      /"affinity":"host:node1".*"allocations":\[null,0,null,null\],"unallocated":\[0,2,3\].*"sequenceNumber":1795249881000000001,"sequenceNumberForAllocation":\{"1":1795249881000000000\}/,
    );
    expect(violations(model.dump())).toEqual([]);
  });

  test('does not require a Node, room in the block limit or an automatic pool, and may be reserved', async () => {
    const seed = {
      ...pool('p', { cidr: '10.10.0.0/24', blockSize: 30, assignmentMode: 'Manual', nodeSelector: 'has(x)' }),
    };
    const model = fakeStore({ ...seed, ...reservation('r', '10.10.0.0/24'), [CONFIG]: '{"maxBlocksPerHost":1}' });
    expect(await ask(model, 'node1', 'c1', ['10.10.0.9'])).toEqual(['10.10.0.9']);
    expect(await ask(model, 'node1', 'c2', ['10.10.0.19'])).toEqual(['10.10.0.19']);
  });

  test('is returned again for the same handle without a write', async () => {
    const model = fakeStore(POOL);
    await ask(model, 'node1', 'c1', ['10.10.0.9']);
    const before = model.dump();
    expect(await ask(model, 'node1', 'c1', ['10.10.0.9'], { now: at(9) })).toEqual(['10.10.0.9']);
    expect(model.dump()).toEqual(before);
  });

  test('of each family is assigned in one transaction, and several addresses of one block are counted together', async () => {
    const model = fakeStore({ ...POOL, ...SIX });
    const wanted = ['10.10.0.9', 'fd00:1::7', '10.10.0.8'];
    expect(await ask(model, 'node1', 'c1', wanted)).toEqual(wanted);
    expect(model.trips).toEqual(['read 6', 'read 2', 'commit 5']);
    expect(model.get(handle('net1.c1'))?.value).toBe('{"block":{"10.10.0.8/30":2,"fd00:1::/122":1},"deleted":false}');
    expect(model.get(block('10.10.0.8/30'))?.value).toContain('"sequenceNumber":1795249881000000001,');
    expect(violations(model.dump())).toEqual([]);
  });

  test('that is in use is rejected by name, and the call writes nothing', async () => {
    const model = fakeStore({ ...POOL, ...SIX });
    await ask(model, 'node1', 'c1', ['10.10.0.9']);
    const before = model.dump();
    const again = () => ask(model, 'node2', 'c2', ['fd00:1::7', '10.10.0.9']);
    await expect(again).rejects.toThrow(
      expect.objectContaining({
        message: 'resource already exists: 10.10.0.9 with error: Address already assigned in block',
        details: 'Held by net1.c1 on node node1',
      }),
    );
    expect(model.dump()).toEqual(before);
  });

  test('is rejected outside enabled pools and in pools not allowed for workloads', async () => {
    const lb = pool('lb', { cidr: '10.20.0.0/24', blockSize: 26, allowedUses: ['LoadBalancer'] });
    const model = fakeStore({
      ...POOL,
      ...lb,
      ...pool('off', { cidr: '10.30.0.0/24', blockSize: 26, disabled: true }),
    });
    for (const address of ['10.9.9.9', '10.30.0.1']) {
      await failing(
        () => ask(model, 'node1', 'c1', [address]),
        'The provided IP address is not in a configured pool\n',
      );
    }
    await failing(
      () => ask(model, 'node1', 'c1', ['10.20.0.1']),
      'IP address 10.20.0.1 is in IP pool "lb", which is not allowed for use "Workload" (allowedUses: [LoadBalancer])',
    );
  });

  test.for([
    { what: 'that are new', known: false, fits: 62, tooMany: 63 },
    { what: 'that exist', known: true, fits: 125, tooMany: 126 },
  ])(
    'in more blocks, $what, than one transaction can change is rejected with the limit',
    async ({ known, fits, tooMany }) => {
      const model = fakeStore(pool('p', { cidr: '10.10.0.0/22', blockSize: 30 }));
      const wanted = (count: number, ordinal: number) =>
        Array.from({ length: count }, (_, at) => `10.10.${Math.floor(at / 64)}.${(at % 64) * 4 + ordinal}`);
      if (known) for (const address of wanted(tooMany, 0)) await ask(model, 'node1', 'c0', [address]);
      const before = model.dump();
      for (const count of [200, tooMany]) {
        await failing(
          () => ask(model, 'node1', 'c1', wanted(count, 1)),
          `${count} addresses in ${count} blocks are too many for one call`,
        );
      }
      expect(model.dump()).toEqual(before);
      expect(await ask(model, 'node1', 'c1', wanted(fits, 1))).toHaveLength(fits);
      expect(violations(model.dump())).toEqual([]);
    },
  );

  test('in another node’s block is borrowed, unless affinity is strict', async () => {
    const lending = fakeStore(POOL);
    await ask(lending, 'node1', 'c1', ['10.10.0.9']);
    expect(await ask(lending, 'node2', 'c2', ['10.10.0.10'])).toEqual(['10.10.0.10']);
    expect(violations(lending.dump())).toEqual([]);
    const strict = fakeStore({ ...POOL, ...STRICT });
    await ask(strict, 'node1', 'c1', ['10.10.0.9']);
    await failing(() => ask(strict, 'node2', 'c2', ['10.10.0.10']), 'Block host affinity does not match');
  });

  test('in a block that cannot be parsed fails with key and field', async () => {
    const model = fakeStore({
      ...POOL,
      [block('10.10.0.8/30')]: '{"cidr":"10.10.0.8/30","allocations":[1],"attributes":[]}',
    });
    await expect(ask(model, 'node1', 'c1', ['10.10.0.9'])).rejects.toThrow(
      `failed to parse datastore entry key=${block('10.10.0.8/30')}; value={"cidr":"10.10.0.8/30","allocations":[1],"attributes":[]}: field allocations has 1 of 4 entries`,
    );
  });

  test('confirms a pending affinity for its block, and deletes one for another node’s block', async () => {
    const model = fakeStore(POOL);
    await ask(model, 'node1', 'c1', ['10.10.0.9']);
    model.put(claimOn('node1', '10.10.0.8/30'), '{"state":"pendingDeletion","deleted":false}');
    model.put(claimOn('node2', '10.10.0.8/30'), '{"state":"pending","deleted":false}');
    await ask(model, 'node2', 'c2', ['10.10.0.10']);
    expect(model.get(claimOn('node2', '10.10.0.8/30'))).toBeUndefined();
    await ask(model, 'node1', 'c3', ['10.10.0.11']);
    expect(violations(model.dump())).toEqual([]);
  });
});

describe('addresses of one block, requested concurrently', () => {
  test('are all assigned and counted once each, whichever node claims the block', async () => {
    const model = fakeStore(pool('p', { cidr: '10.10.0.0/24', blockSize: 27 }));
    const actors = Array.from({ length: 32 }, (_, index) =>
      acting(model, () => assign(request(`node${index % 2}`, `c${index}`, { fixed: [`10.10.0.${index}`] }))),
    );
    const ends = await interleave(actors, []);
    expect(ends.every((end) => end !== undefined && 'value' in end)).toBe(true);
    expect(violations(model.dump())).toEqual([]);
  });

  test('requested twice, go to one of the two callers', async () => {
    const model = fakeStore(POOL);
    const actors = ['a', 'b'].map((name) =>
      acting(model, () => assign(request('node1', name, { fixed: ['10.10.0.9'] }))),
    );
    const ends = await interleave(actors, []);
    expect(ends.filter((end) => end !== undefined && 'thrown' in end)).toHaveLength(1);
    expect(violations(model.dump())).toEqual([]);
  });
});

test('a commit whose answer is lost is recognized by its handle', async () => {
  for (const more of [{ fixed: ['10.10.0.9'] }, { fixed: [] }]) {
    const model = fakeStore({ ...POOL, ...node('node1') });
    // The answer reports a lost race although the writes are in. Reading back after a lost answer does the same.
    const doubtful: FakeStore = {
      ...model,
      commit: (compares, writes) => {
        const { done } = model.commit(compares, writes);
        return { done: false, fresh: done ? compares.flatMap(({ key }) => model.get(key) ?? []) : [] };
      },
    };
    const { addresses } = await finish(acting(doubtful, () => assign(request('node1', 'c1', more))));
    expect(addresses).toHaveLength(1);
    expect(model.trips.filter((trip) => trip.startsWith('commit'))).toHaveLength(1);
    expect(violations(model.dump())).toEqual([]);
  }
});

test('a requested address whose handle is missing is counted again', async () => {
  const model = fakeStore(POOL);
  await ask(model, 'node1', 'c1', ['10.10.0.9']);
  model.remove(handle('net1.c1'));
  expect(await ask(model, 'node1', 'c1', ['10.10.0.9'], { now: at(9) })).toEqual(['10.10.0.9']);
  expect(violations(model.dump())).toEqual([]);
});
