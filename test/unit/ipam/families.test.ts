import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import type { AssignRequest } from '../../../ipam/allocate/request.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { at, node, pool, request } from '../../support/stored/ipam-world.ts';

const TWO = { ...pool('p', { cidr: '10.10.0.0/29', blockSize: 30 }), ...node('node1'), ...node('node2') };

const add = async (model: FakeStore, name: string, container: string, more: Partial<AssignRequest> = {}) =>
  (await carryOut(model, () => assign(request(name, container, more)))).addresses[0]?.address;

describe('a repeated ADD of the same container', () => {
  test('returns the same addresses of both families in two round trips, without a write', async () => {
    const model = fakeStore({ ...TWO, ...pool('six', { cidr: 'fd00:1::/112', blockSize: 122 }) });
    const both = { families: [4, 6] as const };
    const { addresses } = await carryOut(model, () => assign(request('node1', 'c1', both)));
    const trips = model.trips.length;
    expect((await carryOut(model, () => assign(request('node1', 'c1', { ...both, now: at(9) })))).addresses).toEqual(
      addresses,
    );
    expect(model.trips.slice(trips)).toEqual(['read 6', 'read 2']);
  });

  test('that requests a second family keeps the first', async () => {
    const model = fakeStore({ ...TWO, ...pool('six', { cidr: 'fd00:1::/112', blockSize: 122 }) });
    const four = await add(model, 'node1', 'c1');
    const { addresses } = await carryOut(model, () => assign(request('node1', 'c1', { families: [4, 6], now: at(1) })));
    expect(addresses.map(({ family }) => family)).toEqual([4, 6]);
    expect(addresses[0]?.address).toBe(four);
    expect(violations(model.dump())).toEqual([]);
  });
});

describe('two families', () => {
  test.each([
    [
      {
        ...pool('four', { cidr: '10.10.0.0/32', blockSize: 32 }),
        ...pool('six', { cidr: 'fd00:1::/112', blockSize: 122 }),
      },
      4,
      '10.10.0.0/32',
    ],
    [{ ...TWO, ...pool('six', { cidr: 'fd00:1::/128', blockSize: 128 }) }, 6, 'fd00:1::/128'],
  ])('are assigned both or not at all, and the error names the exhausted one', async (seed, family, cidr) => {
    const model = fakeStore({ ...node('node1'), ...seed });
    const both = { families: [4, 6] as const };
    await carryOut(model, () => assign(request('node1', 'c1', both)));
    const before = model.dump();
    await expect(carryOut(model, () => assign(request('node1', 'c2', both)))).rejects.toThrow(
      `failed to request IPv${family} addresses: Assigned 0 out of 1 requested IPv${family} addresses; No IPs available in pools: [${cidr}]`,
    );
    expect(model.dump()).toEqual(before);
  });
});
