import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import type { AssignRequest } from '../../../ipam/allocate/request.ts';
import { releaseHandles } from '../../../ipam/release/release.ts';
import { goTimestamp } from '../../../shared/calico/go-time.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { at, block, CONFIG, claimOn, handle, node, pool, poolKey, request } from '../../support/stored/ipam-world.ts';

const SPEC = { cidr: '10.10.0.0/30', blockSize: 30 };
const CIDR = '10.10.0.0/30';
const SEED = { ...pool('p', SPEC), ...node('node1', { rack: 'a' }), ...node('node2', { rack: 'a' }) };
const COOL = { [CONFIG]: '{"auto_allocate_blocks":true,"ipCooldownSeconds":5}' };

const add = async (model: FakeStore, name: string, container: string, more: Partial<AssignRequest> = {}) =>
  (await carryOut(model, () => assign(request(name, container, more)))).addresses[0]?.address;
const del = async (model: FakeStore, name: string, container: string, now = at(1)) =>
  (await carryOut(model, () => releaseHandles({ handleIDs: [`net1.${container}`, container], node: name, now })))
    .released;
const disowned = (value: string) =>
  value.replace(/"affinity":"host:node1","affinity_claim_time":"[^"]*"/, '"affinity":null');

describe('a release by handle', () => {
  test('releases what the handle holds and deletes the handle in one transaction', async () => {
    const model = fakeStore(SEED);
    const address = await add(model, 'node1', 'c1');
    expect(await del(model, 'node1', 'c1')).toEqual([address]);
    expect(model.get(handle('net1.c1'))).toBeUndefined();
    expect(model.get(block(CIDR))?.value).toMatch(
      /"unallocated":\[1,2,3,0\],"attributes":\[\],"sequenceNumber":1795249881000000002,"sequenceNumberForAllocation":\{\}/,
    );
    expect(violations(model.dump(), { released: true })).toEqual([]);
  });

  test('a second time, or of an unknown container, changes nothing', async () => {
    const model = fakeStore(SEED);
    await add(model, 'node1', 'c1');
    await del(model, 'node1', 'c1');
    const before = model.dump();
    expect(await del(model, 'node1', 'c1')).toEqual([]);
    expect(await del(model, 'node1', 'never')).toEqual([]);
    expect(await del(model, 'node9', 'never')).toEqual([]);
    expect(model.dump()).toEqual(before);
  });

  test('releases what the legacy handle holds', async () => {
    const model = fakeStore(SEED);
    const address = await add(model, 'node1', 'x', { handleID: 'c1' });
    expect(await del(model, 'node1', 'c1')).toEqual([address]);
    expect(violations(model.dump(), { released: true })).toEqual([]);
  });

  test('counts the addresses, whatever the handle says', async () => {
    const model = fakeStore(SEED);
    await add(model, 'node1', 'c1');
    model.put(handle('net1.c1'), `{"block":{"${CIDR}":7,"10.10.0.64/30":2},"deleted":false}`);
    expect(await del(model, 'node1', 'c1')).toHaveLength(1);
    model.put(handle('net1.c2'), `{"block":{"${CIDR}":1},"deleted":false}`);
    expect(await del(model, 'node1', 'c2')).toEqual([]);
    expect(violations(model.dump(), { released: true })).toEqual([]);
  });

  test('finds an address whose handle is missing in this node’s blocks', async () => {
    const model = fakeStore(SEED);
    const address = await add(model, 'node1', 'c1');
    model.commit([], [{ key: handle('net1.c1'), value: undefined }]);
    expect(await del(model, 'node1', 'c1')).toEqual([address]);
    expect(violations(model.dump(), { released: true })).toEqual([]);
  });

  test('also searches the node’s own blocks in the same round trip where commits are not transactions', async () => {
    const model = fakeStore(SEED);
    const given = [
      await add(model, 'node1', 'c1'),
      await add(model, 'node1', 'x', { handleID: 'c1', fixed: ['10.10.0.3'] }),
    ];
    const other = '10.10.1.0/30';
    for (const [key, value] of Object.entries(pool('q', { cidr: other, blockSize: 30 }))) model.put(key, value);
    await add(model, 'node1', 'lost', { fixed: ['10.10.1.1'] });
    const lost = model.get(block(other))?.value.replaceAll('net1.lost', 'net1.c1') ?? '';
    for (const readOwnBlocks of [false, true]) {
      const tried = fakeStore({ ...model.dump(), [block(other)]: lost });
      const request = { handleIDs: ['net1.c1', 'c1'], node: 'node1', now: at(1), readOwnBlocks };
      const { released } = await carryOut(tried, () => releaseHandles(request));
      expect(released.toSorted()).toEqual([...given, ...(readOwnBlocks ? ['10.10.1.1'] : [])]);
      expect(tried.trips.map((trip) => trip.split(' ')[0])).toEqual(['read', 'read', 'commit']);
    }
  });

  test('deletes an empty block without an owner', async () => {
    const model = fakeStore(SEED);
    await add(model, 'node1', 'c1');
    model.put(block(CIDR), disowned(model.get(block(CIDR))?.value ?? ''));
    model.commit([], [{ key: claimOn('node1', CIDR), value: undefined }]);
    expect(await del(model, 'node1', 'c1')).toHaveLength(1);
    expect(model.get(block(CIDR))).toBeUndefined();
    expect(violations(model.dump(), { released: true })).toEqual([]);
  });

  test.each([
    ["rack == 'b'", true],
    ["rack == 'a'", false],
    ['rack ===', false],
  ])(
    'releases a block whose pool now selects %s: %s, also when the address was borrowed',
    async (nodeSelector, gone) => {
      for (const [owner, user] of [
        ['node1', 'node1'],
        ['node1', 'node2'],
      ] as const) {
        const model = fakeStore(SEED);
        await add(model, owner, 'first');
        if (user !== owner) {
          await add(model, user, 'second');
          await del(model, owner, 'first');
        }
        model.put(poolKey('p'), Object.values(pool('p', { ...SPEC, nodeSelector }))[0] ?? '');
        await del(model, user, user === owner ? 'first' : 'second');
        expect(model.get(block(CIDR)) === undefined).toBe(gone);
        expect(violations(model.dump(), { released: true })).toEqual([]);
      }
    },
  );

  test('with a cooldown keeps the address for that time, then assigns it in its turn', async () => {
    const model = fakeStore({ ...SEED, ...COOL });
    const first = await add(model, 'node1', 'a');
    for (const name of ['b', 'c', 'd']) await add(model, 'node1', name);
    await del(model, 'node1', 'a', at(10));
    expect(model.get(block(CIDR))?.value).toContain('{"releasedAt":"2026-11-21T08:31:31Z"}');
    expect(violations(model.dump(), { now: at(10) })).toEqual([]);
    await expect(add(model, 'node1', 'e', { now: at(14) })).rejects.toThrow(
      'No IPs available in pools: [10.10.0.0/30]',
    );
    await expect(add(model, 'node1', 'e', { now: at(14), fixed: [first ?? ''] })).rejects.toThrow(
      'Address already assigned in block',
    );
    expect(await add(model, 'node1', 'e', { now: at(16) })).toBe(first);
    expect(violations(model.dump(), { now: at(16) })).toEqual([]);
  });

  test('names the block that it needs and cannot parse', async () => {
    const model = fakeStore(SEED);
    await add(model, 'node1', 'c1');
    model.put(block(CIDR), '{');
    await expect(del(model, 'node1', 'c1')).rejects.toThrow(
      `failed to parse datastore entry key=${block(CIDR)}; value={: `,
    );
  });

  test.for([
    { what: 'older', timestamp: goTimestamp(at(4)), isFreed: true },
    { what: 'without a time, as very old versions wrote them', timestamp: undefined, isFreed: true },
    { what: 'of that very moment', timestamp: goTimestamp(at(5)), isFreed: false },
    { what: 'younger', timestamp: goTimestamp(at(6)), isFreed: false },
    { what: 'with a time that cannot be parsed', timestamp: 'yesterday', isFreed: false },
  ])('that was due earlier releases what is $what: $isFreed', async ({ timestamp, isFreed }) => {
    const model = fakeStore(SEED);
    const attributes = { node: 'node1', ...(timestamp === undefined ? {} : { timestamp }) };
    const address = await add(model, 'node1', 'c1', { attributes });
    const before = model.dump();
    const due = { handleIDs: ['net1.c1'], node: 'node1', now: at(9), before: at(5) };
    const { released } = await carryOut(model, () => releaseHandles(due));
    expect(released).toEqual(isFreed ? [address] : []);
    if (!isFreed) expect(model.dump()).toEqual(before);
  });

  test('of very many blocks is split into several commits', async () => {
    const model = fakeStore({ ...pool('p', { cidr: '10.10.0.0/24', blockSize: 32 }), ...node('node1') });
    const fixed = Array.from({ length: 60 }, (_, index) => `10.10.0.${index}`);
    for (const half of [fixed.slice(0, 30), fixed.slice(30)]) await add(model, 'node1', 'c1', { fixed: half });
    const request = { handleIDs: ['net1.c1'], node: 'node1', now: at(1) };
    const first = await carryOut(model, () => releaseHandles(request));
    expect([first.released.length, first.more]).toEqual([30, true]);
    expect(violations(model.dump())).toEqual([]);
    const second = await carryOut(model, () => releaseHandles(request));
    expect([second.released.length, second.more]).toEqual([30, false]);
    expect(violations(model.dump(), { released: true })).toEqual([]);
  });
});
