import { expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import { releaseHandles } from '../../../ipam/release/release.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { at, block, claimOn, handle, node, pool, request } from '../../support/stored/ipam-world.ts';

const TINY = { ...pool('tiny', { cidr: '10.70.0.0/30', blockSize: 31 }), ...node('node1'), ...node('node2') };

test('the first ADD on a node claims a block in one transaction and stores what the original stores in two writes', async () => {
  const model = fakeStore({ ...pool('one', { cidr: '10.71.0.0/30', blockSize: 30 }), ...node('node1') });
  const { addresses } = await carryOut(model, () => assign(request('node1', 'c1')));
  expect(addresses).toEqual([{ family: 4, address: '10.71.0.0', block: '10.71.0.0/30', pool: 'one' }]);
  expect(model.trips).toEqual(['read 6', 'read 2', 'commit 3']);
  expect(model.get(block('10.71.0.0/30'))?.value).toBe(
    '{"cidr":"10.71.0.0/30","affinity":"host:node1","affinity_claim_time":"2026-11-21T08:31:21Z",' +
      '"allocations":[0,null,null,null],"unallocated":[1,2,3],' +
      '"attributes":[{"handle_id":"net1.c1","secondary":{"node":"node1","timestamp":"c1@1795249881000000000"}}],' +
      '"sequenceNumber":1795249881000000001,"sequenceNumberForAllocation":{"0":1795249881000000000},"deleted":false}',
  );
  expect(model.get(claimOn('node1', '10.71.0.0/30'))?.value).toBe('{"state":"confirmed","deleted":false}');
  expect(model.get(handle('net1.c1'))?.value).toBe('{"block":{"10.71.0.0/30":1},"deleted":false}');
});

test('a warm ADD takes three round trips, and so does its release', async () => {
  const model = fakeStore({ ...pool('one', { cidr: '10.71.0.0/24', blockSize: 26 }), ...node('node1') });
  await carryOut(model, () => assign(request('node1', 'c1')));
  const before = model.trips.length;
  await carryOut(model, () => assign(request('node1', 'c2')));
  expect(model.trips.slice(before)).toEqual(['read 6', 'read 1', 'commit 2']);
  const { released } = await carryOut(model, () =>
    releaseHandles({ handleIDs: ['net1.c1', 'c1'], node: 'node1', now: at(1) }),
  );
  expect(released).toHaveLength(1);
  expect(model.trips.slice(before + 3)).toEqual(['read 6', 'read 1', 'commit 2']);
});

test('an exhausted pool fails with the original’s message', async () => {
  const model = fakeStore(TINY);
  const taken: (string | undefined)[] = [];
  for (const name of ['a', 'b', 'c', 'd'])
    taken.push((await carryOut(model, () => assign(request('node1', name)))).addresses[0]?.address);
  expect([...taken].sort()).toEqual(['10.70.0.0', '10.70.0.1', '10.70.0.2', '10.70.0.3']);
  await expect(carryOut(model, () => assign(request('node1', 'e')))).rejects.toThrow(
    expect.objectContaining({
      kind: 'refused',
      message:
        'failed to request IPv4 addresses: Assigned 0 out of 1 requested IPv4 addresses; No IPs available in pools: [10.70.0.0/30]',
    }),
  );
});
