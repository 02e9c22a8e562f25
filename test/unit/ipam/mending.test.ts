import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import type { AssignRequest } from '../../../ipam/allocate/request.ts';
import { releaseHandles } from '../../../ipam/release/release.ts';
import { releaseAddresses } from '../../../ipam/release/release-address.ts';
import { type Actor, acting, carryOut, pausedAt } from '../../support/fake-datastore/actor.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { at, block, claimOn, handle, node, pool, poolKey, request } from '../../support/stored/ipam-world.ts';

const CIDR = '10.10.0.0/30';
const OTHER = '10.10.0.4/30';
/** One block only, so that the affinity under test is the one that is used. */
const ONE = { ...pool('p', { cidr: CIDR, blockSize: 30 }), ...node('node1'), ...node('node2') };
const TWO = { ...pool('p', { cidr: '10.10.0.0/29', blockSize: 30 }), ...node('node1'), ...node('node2') };

const add = async (model: FakeStore, name: string, container: string, more: Partial<AssignRequest> = {}) =>
  (await carryOut(model, () => assign(request(name, container, more)))).addresses[0]?.address;
const del = async (model: FakeStore, name: string, container: string) =>
  (await carryOut(model, () => releaseHandles({ handleIDs: [`net1.${container}`], node: name, now: at(1) }))).released;

const state = (value: string) => `{"state":"${value}","deleted":false}`;
/** A block of four free addresses. */
const empty = (cidr: string, owner: string | null, claimed = '2026-11-21T08:31:21Z') =>
  `{"cidr":"${cidr}","affinity":${owner === null ? 'null' : `"${owner}","affinity_claim_time":"${claimed}"`},` +
  '"allocations":[null,null,null,null],"unallocated":[0,1,2,3],"attributes":null,"sequenceNumber":1795249881000000000,' +
  '"sequenceNumberForAllocation":{},"deleted":false}';
/** The same with one address allocated. */
const used = (cidr: string, owner: string | null) =>
  empty(cidr, owner)
    .replace('"allocations":[null,', '"allocations":[0,')
    .replace('"unallocated":[0,', '"unallocated":[')
    .replace('"attributes":null', '"attributes":[{"handle_id":"h"}]')
    .replace(
      '"sequenceNumber":1795249881000000000,"sequenceNumberForAllocation":{}',
      '"sequenceNumber":1795249881000000001,"sequenceNumberForAllocation":{"0":1795249881000000000}',
    );
const h = { [handle('h')]: `{"block":{"${CIDR}":1},"deleted":false}` };

describe('the node’s next ADD repairs in one transaction what a killed original left:', () => {
  test.each<readonly [string, Readonly<Record<string, string>>]>([
    ['a pending affinity without a block', { [claimOn('node1', CIDR)]: state('pending') }],
    ['a confirmed affinity without a block', { [claimOn('node1', CIDR)]: state('confirmed') }],
    ['a half-released affinity whose block is gone', { [claimOn('node1', CIDR)]: state('pendingDeletion') }],
    [
      'an empty block with a pending affinity',
      { [claimOn('node1', CIDR)]: state('pending'), [block(CIDR)]: empty(CIDR, 'host:node1') },
    ],
    [
      'an owned block with a half-released affinity',
      { [claimOn('node1', CIDR)]: state('pendingDeletion'), [block(CIDR)]: used(CIDR, 'host:node1'), ...h },
    ],
    [
      'a block without an owner, with a half-released affinity',
      { [claimOn('node1', CIDR)]: state('pendingDeletion'), [block(CIDR)]: used(CIDR, null), ...h },
    ],
    [
      'an empty block without an owner, with a half-released affinity',
      { [claimOn('node1', CIDR)]: state('pendingDeletion'), [block(CIDR)]: empty(CIDR, null) },
    ],
    ['a block without an affinity', { [block(CIDR)]: used(CIDR, 'host:node1'), ...h }],
    ['an empty block without an owner', { [block(CIDR)]: empty(CIDR, null) }],
    [
      'an affinity for another node’s block',
      {
        [claimOn('node1', CIDR)]: state('confirmed'),
        [block(CIDR)]: used(CIDR, 'host:node2'),
        [claimOn('node2', CIDR)]: state('confirmed'),
        ...h,
      },
    ],
    [
      'a handle that counts an address never assigned',
      { [handle('net1.c1')]: `{"block":{"${CIDR}":1},"deleted":false}` },
    ],
    [
      'a handle that counts too many addresses elsewhere',
      { [handle('net1.c1')]: `{"block":{"10.99.0.0/26":3},"deleted":false}` },
    ],
  ])('%s', async (_, seed) => {
    const model = fakeStore({ ...ONE, ...seed });
    expect(await add(model, 'node1', 'c1')).toMatch(/^10\.10\.0\./);
    expect(model.trips.filter((trip) => trip.startsWith('commit'))).toHaveLength(1);
    expect(violations(model.dump())).toEqual([]);
  });

  test('a pending affinity for a full block, before another block is claimed', async () => {
    const model = fakeStore({ ...TWO, [claimOn('node1', CIDR)]: state('confirmed') });
    for (const container of ['a', 'b', 'c', 'd']) await add(model, 'node1', container);
    const before = model.get(block(CIDR))?.value ?? '';
    model.put(claimOn('node1', CIDR), state('pending'));
    expect(await add(model, 'node1', 'e')).toBe('10.10.0.4');
    expect(violations(model.dump())).toEqual([]);
    const counted = (text: string) => /"sequenceNumber":(\d+)/.exec(text)?.[1];
    expect(BigInt(counted(model.get(block(CIDR))?.value ?? '') ?? 0)).toBe(BigInt(counted(before) ?? 0) + 1n);
  });

  test('an old affinity without a state is valid as it is', async () => {
    const model = fakeStore({ ...ONE, [claimOn('node1', CIDR)]: '', [block(CIDR)]: used(CIDR, 'host:node1'), ...h });
    expect(await add(model, 'node1', 'c1')).toBe('10.10.0.1');
    expect(model.get(claimOn('node1', CIDR))?.value).toBe('');
  });
});

describe('an address without its handle key', () => {
  test('is assigned to its container again, and its handle is restored', async () => {
    const model = fakeStore(ONE);
    const address = await add(model, 'node1', 'c1');
    model.commit([], [{ key: handle('net1.c1'), value: undefined }]);
    expect(await add(model, 'node1', 'c1', { now: at(1) })).toBe(address);
    expect(violations(model.dump())).toEqual([]);
    expect(await del(model, 'node1', 'c1')).toEqual([address]);
  });

  test('that is released before its container requests it again is not counted', async () => {
    const model = fakeStore(ONE);
    const address = (await add(model, 'node1', 'c1')) ?? '';
    model.commit([], [{ key: handle('net1.c1'), value: undefined }]);
    const again = await pausedAt(
      acting(model, () => assign(request('node1', 'c1', { now: at(1) }))),
      'commit',
    );
    await carryOut(model, () => releaseAddresses({ addresses: [{ address }], now: at(2) }));
    await again();
    expect(violations(model.dump())).toEqual([]);
  });
});

describe('a handle that counts an address which the original has not written yet', () => {
  /** Resumes the actor after another write between its decision and its commit. */
  async function overtaken<A>(model: FakeStore, actor: Actor<A>): Promise<A> {
    const goOn = await pausedAt(actor, 'commit');
    model.put(block(OTHER), used(OTHER, 'host:node2').replace('"h"', '"net1.c1"'));
    return goOn();
  }
  const late = {
    ...TWO,
    [claimOn('node2', OTHER)]: state('confirmed'),
    [block(OTHER)]: empty(OTHER, 'host:node2'),
    [handle('net1.c1')]: `{"block":{"${OTHER}":1},"deleted":false}`,
  };

  test('is not corrected by an ADD in the meantime', async () => {
    const model = fakeStore(late);
    const { addresses } = await overtaken(
      model,
      acting(model, () => assign(request('node1', 'c1'))),
    );
    expect(addresses[0]?.address).toBe('10.10.0.4');
    expect(violations(model.dump())).toEqual([]);
  });

  test('is not deleted by a DEL in the meantime', async () => {
    const model = fakeStore(late);
    const deleting = acting(model, () => releaseHandles({ handleIDs: ['net1.c1'], node: 'node1', now: at(1) }));
    expect((await overtaken(model, deleting)).released).toEqual(['10.10.0.4']);
    expect(violations(model.dump(), { released: true })).toEqual([]);
  });
});

describe('affinities of a pool that no longer selects the node', () => {
  const AWAY = { ...pool('away', { cidr: '10.20.0.0/24', blockSize: 30, nodeSelector: 'has(rack)' }), ...TWO };
  const away = '10.20.0.0/30';

  test.each<readonly [string, Readonly<Record<string, string>>, boolean]>([
    ['go with their empty block', { [block(away)]: empty(away, 'host:node1') }, true],
    ['go when their block is gone', {}, true],
    [
      'go when another node owns their block',
      {
        [block(away)]: used(away, 'host:node2'),
        [claimOn('node2', away)]: state('confirmed'),
        [handle('h')]: `{"block":{"${away}":1},"deleted":false}`,
      },
      true,
    ],
    [
      'stay while their block is in use',
      { [block(away)]: used(away, 'host:node1'), [handle('h')]: `{"block":{"${away}":1},"deleted":false}` },
      false,
    ],
  ])('%s', async (_, seed, gone) => {
    const model = fakeStore({ ...AWAY, ...seed, [claimOn('node1', away)]: state('confirmed') });
    await add(model, 'node1', 'c1');
    expect(model.get(claimOn('node1', away)) === undefined).toBe(gone);
    expect(model.trips.filter((trip) => trip.startsWith('commit'))).toHaveLength(1);
    expect(violations(model.dump())).toEqual([]);
  });

  test('stay in pools that are disabled or requested by name', async () => {
    const seed = { [block(away)]: empty(away, 'host:node1'), [claimOn('node1', away)]: state('confirmed') };
    const off = fakeStore({ ...AWAY, ...seed });
    off.put(
      poolKey('away'),
      Object.values(
        pool('away', { cidr: '10.20.0.0/24', blockSize: 30, nodeSelector: 'has(rack)', disabled: true }),
      )[0] ?? '',
    );
    await add(off, 'node1', 'c1');
    expect(off.get(claimOn('node1', away))).toBeDefined();
    const asked = fakeStore({ ...AWAY, ...seed });
    expect(await add(asked, 'node1', 'c1', { pools4: ['away'] })).toBe('10.20.0.0');
  });
});

test('a claimed block that cannot be parsed is skipped, and reported when no other is left', async () => {
  const broken = { [claimOn('node1', CIDR)]: state('confirmed'), [block(CIDR)]: '{"cidr":"10.10.0.0/30"}' };
  const model = fakeStore({ ...TWO, ...broken });
  expect(await add(model, 'node1', 'c1')).toBe('10.10.0.4');
  expect(model.get(block(OTHER))).toBeDefined();
  await expect(add(fakeStore({ ...ONE, ...broken }), 'node1', 'c1')).rejects.toThrow(
    expect.objectContaining({
      details: expect.stringContaining(`skipped: failed to parse datastore entry key=${block(CIDR)}`),
    }),
  );
});
