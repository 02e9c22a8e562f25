import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import type { AssignRequest } from '../../../ipam/allocate/request.ts';
import { type AddressToFree, releaseAddresses } from '../../../ipam/release/release-address.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { at, block, CONFIG, handle, node, pool, poolKey, request } from '../../support/stored/ipam-world.ts';

const SPEC = { cidr: '10.10.0.0/30', blockSize: 30 };
const CIDR = '10.10.0.0/30';
const SEED = { ...pool('p', SPEC), ...node('node1', { rack: 'a' }), ...node('node2', { rack: 'a' }) };
const COOL = { [CONFIG]: '{"auto_allocate_blocks":true,"ipCooldownSeconds":5}' };

const add = async (model: FakeStore, name: string, container: string, more: Partial<AssignRequest> = {}) =>
  (await carryOut(model, () => assign(request(name, container, more)))).addresses[0]?.address;
const free = (model: FakeStore, addresses: readonly AddressToFree[], now = at(1)) =>
  carryOut(model, () => releaseAddresses({ addresses, now }));

describe('a release by address', () => {
  test('releases it and corrects its handle', async () => {
    const model = fakeStore(SEED);
    const address = (await add(model, 'node1', 'c1')) ?? '';
    const other = (await add(model, 'node1', 'c2')) ?? '';
    expect(await free(model, [{ address }, { address }, { address: '10.10.0.3' }])).toEqual({
      released: [address],
      unallocated: ['10.10.0.3'],
      conflicts: [],
    });
    expect(model.get(handle('net1.c1'))).toBeUndefined();
    expect((await free(model, [{ address: other, handleID: 'net1.c2', sequenceNumber: at(0) + 1n }])).released).toEqual(
      [other],
    );
    expect(violations(model.dump(), { released: true })).toEqual([]);
  });

  test.each([
    [{ sequenceNumber: 5n }, `the given sequence number (5) does not match (${at(0)}) when attempting to release IP`],
    [{ handleID: 'net1.x' }, 'the given handle (net1.x) does not match (net1.c1) when attempting to release IP'],
  ])('held otherwise than %o leaves its block unchanged', async (said, cause) => {
    const model = fakeStore(SEED);
    const address = (await add(model, 'node1', 'c1')) ?? '';
    const other = (await add(model, 'node1', 'c2')) ?? '';
    const before = model.dump();
    const { released, conflicts } = await free(model, [{ address: other }, { address, ...said }]);
    expect(released).toEqual([]);
    expect(conflicts).toEqual([{ address, message: `update conflict: ${address}`, cause }]);
    expect(model.dump()).toEqual(before);
  });

  test('finds blocks outside all pools, and IPv6 blocks', async () => {
    const six = pool('six', { cidr: 'fd00:1::/112', blockSize: 122 });
    const model = fakeStore({ ...SEED, ...six });
    const given = await carryOut(model, () => assign(request('node1', 'c1', { families: [4, 6] })));
    for (const name of ['p', 'six']) model.commit([], [{ key: poolKey(name), value: undefined }]);
    const addresses = given.addresses.map(({ address }) => address);
    expect(
      (
        await free(
          model,
          addresses.map((address) => ({ address })),
        )
      ).released,
    ).toEqual(addresses);
    expect(model.get(handle('net1.c1'))).toBeUndefined();
    expect(violations(model.dump(), { released: true })).toEqual([]);
  });

  test('of an invalid address is rejected', async () => {
    const model = fakeStore(SEED);
    await expect(free(model, [{ address: '' }])).rejects.toThrow(
      'No IP address specified in options: {Address: Handle: SequenceNumber:<nil>}',
    );
    await expect(free(model, [{ address: 'xx' }])).rejects.toThrow('failed to parse IP: xx');
    expect((await free(model, [{ address: '172.16.0.1' }])).unallocated).toEqual(['172.16.0.1']);
  });

  test('marks it with the block’s sequence number during the cooldown', async () => {
    const model = fakeStore({ ...SEED, ...COOL });
    const address = (await add(model, 'node1', 'c1')) ?? '';
    await free(model, [{ address }], at(1));
    expect(model.get(block(CIDR))?.value).toContain(
      '"sequenceNumber":1795249881000000002,"sequenceNumberForAllocation":{"0":1795249881000000001}',
    );
    expect((await free(model, [{ address }], at(2))).unallocated).toEqual([address]);
  });
});
