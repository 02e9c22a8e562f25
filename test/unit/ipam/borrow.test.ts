import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import type { AssignRequest } from '../../../ipam/allocate/request.ts';
import { releaseHandles } from '../../../ipam/release/release.ts';
import { acting, carryOut, pausedAt } from '../../support/fake-datastore/actor.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { at, block, CONFIG, claimOn, node, pool, request, reservation } from '../../support/stored/ipam-world.ts';

const CIDR = '10.10.0.0/30';
const SEED = { ...pool('p', { cidr: CIDR, blockSize: 30 }), ...node('node1'), ...node('node2') };
const STRICT = { [CONFIG]: '{"strict_affinity":true,"auto_allocate_blocks":true}' };

const add = async (model: FakeStore, name: string, container: string, more: Partial<AssignRequest> = {}) =>
  (await carryOut(model, () => assign(request(name, container, more)))).addresses[0]?.address;
const del = async (model: FakeStore, name: string, container: string, now = at(1)) =>
  (await carryOut(model, () => releaseHandles({ handleIDs: [`net1.${container}`], node: name, now }))).released;

describe('when no block is left to claim, an address', () => {
  test('is borrowed from another node’s block, which keeps its owner', async () => {
    const model = fakeStore(SEED);
    await add(model, 'node1', 'c1');
    expect(await add(model, 'node2', 'c2')).toBe('10.10.0.1');
    expect(model.get(block(CIDR))?.value).toContain('"affinity":"host:node1"');
    expect(model.get(claimOn('node2', CIDR))).toBeUndefined();
    expect(violations(model.dump())).toEqual([]);
    await del(model, 'node1', 'c1');
    await del(model, 'node2', 'c2');
    expect(violations(model.dump(), { released: true })).toEqual([]);
  });

  test('is not borrowed under strict affinity', async () => {
    const model = fakeStore({ ...SEED, ...STRICT });
    await add(model, 'node1', 'c1');
    await expect(add(model, 'node2', 'c2')).rejects.toThrow(
      'failed to request IPv4 addresses: Assigned 0 out of 1 requested IPv4 addresses; No more free affine blocks and strict affinity enabled',
    );
  });

  test('is not borrowed if it is reserved', async () => {
    const model = fakeStore({ ...SEED, ...reservation('r', '10.10.0.1', '10.10.0.2/31') });
    await add(model, 'node1', 'c1');
    await expect(add(model, 'node2', 'c2')).rejects.toThrow('No IPs available in pools: [10.10.0.0/30]');
  });

  test.each([
    ['after 60 seconds', 60, {}, 'host:node2'],
    ['after 60 seconds, with strict affinity', 60, STRICT, 'host:node2'],
    ['not before', 59, {}, 'host:node1'],
  ])('comes with an empty block of another node, %s', async (_, seconds, config, owner) => {
    const model = fakeStore({ ...SEED, ...config });
    await add(model, 'node1', 'c1');
    await del(model, 'node1', 'c1');
    const before = /"sequenceNumber":(\d+)/.exec(model.get(block(CIDR))?.value ?? '')?.[1] ?? '0';
    expect(await add(model, 'node2', 'c2', { now: at(seconds) })).toBe('10.10.0.1');
    expect(model.get(block(CIDR))?.value).toContain(`"affinity":"${owner}"`);
    expect(model.get(block(CIDR))?.value).toContain(`"sequenceNumber":${BigInt(before) + 1n},`);
    expect(violations(model.dump())).toEqual([]);
  });

  test('never comes with the block of an owner that is not a node, but may be borrowed from it', async () => {
    const model = fakeStore(SEED);
    await add(model, 'node1', 'c1');
    await del(model, 'node1', 'c1');
    const lent = (model.get(block(CIDR))?.value ?? '').replace('host:node1', 'virtual:load-balancer');
    const strict = fakeStore({ ...SEED, ...STRICT, [block(CIDR)]: lent });
    await expect(add(strict, 'node2', 'c2', { now: at(999) })).rejects.toThrow('strict affinity enabled');
    const lending = fakeStore({ ...SEED, [block(CIDR)]: lent });
    expect(await add(lending, 'node2', 'c2', { now: at(999) })).toBe('10.10.0.1');
    expect(lending.get(block(CIDR))?.value).toContain('"affinity":"virtual:load-balancer"');
  });

  test('goes to only one node when the block’s owner returns at the same time', async () => {
    const model = fakeStore(SEED);
    await add(model, 'node1', 'c1');
    await del(model, 'node1', 'c1');
    const taking = await pausedAt(
      acting(model, () => assign(request('node2', 'c2', { now: at(90) }))),
      'commit',
    );
    await add(model, 'node1', 'c3', { now: at(91) });
    const { addresses } = await taking();
    expect(addresses[0]?.address).toBe('10.10.0.2');
    expect(model.get(block(CIDR))?.value).toContain('"affinity":"host:node1"');
    expect(violations(model.dump())).toEqual([]);
  });

  test('is searched for in every pool, page by page, from this node’s start block', async () => {
    const model = fakeStore({ ...SEED, ...pool('q', { cidr: '10.20.0.0/24', blockSize: 32 }) });
    const fixed = [0, 1, 2].map((last) => `10.10.0.${last}`);
    const all = [...fixed, ...Array.from({ length: 256 }, (_, last) => `10.20.0.${last}`)];
    for (let from = 0; from < all.length; from += 37)
      await add(model, 'node1', `c${from}`, { fixed: all.slice(from, from + 37) });
    expect(await add(model, 'node2', 'last')).toBe('10.10.0.3');
    await expect(add(model, 'node2', 'one more')).rejects.toThrow(
      'No IPs available in pools: [10.10.0.0/30 10.20.0.0/24]',
    );
    expect(violations(model.dump())).toEqual([]);
  });

  test('is not searched for where everything is reserved', async () => {
    const model = fakeStore({
      ...node('node1'),
      ...pool('p', { cidr: 'fd00::/64', blockSize: 122 }),
      ...reservation('r', 'fd00::/63'),
    });
    await expect(add(model, 'node1', 'c1', { families: [6] })).rejects.toThrow(
      'No IPs available in pools: [fd00::/64]',
    );
    expect(model.trips).toEqual(['read 6']);
  });
});
