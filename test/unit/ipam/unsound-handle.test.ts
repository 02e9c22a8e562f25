import { expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import { releaseHandles } from '../../../ipam/release/release.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { at, handle, node, pool, request } from '../../support/stored/ipam-world.ts';

/** Two pools and a container with an address of each family. */
async function dualStack() {
  const pools = {
    ...pool('p', { cidr: '10.0.0.0/28', blockSize: 30 }),
    ...pool('six', { cidr: 'fd00::/124', blockSize: 126 }),
  };
  const model = fakeStore({ ...pools, ...node('n1') });
  await carryOut(model, () => assign(request('n1', 'c', { families: [4, 6] })));
  return model;
}

test.each([
  '{"block":false}',
  '{"block":null}',
  '{}',
  '{"block":{"fd00::/126":{}}}',
  '{"block":{"fd00::/126":0,"x":1}}',
  '{"block":[]}',
])('an implausible handle hides nothing that this node holds: %s', async (value) => {
  const model = await dualStack();
  model.put(handle('net1.c'), value);
  const released = await carryOut(model, () => releaseHandles({ handleIDs: ['net1.c'], node: 'n1', now: at(1) }));
  expect(released.released).toHaveLength(2);
  expect(violations(model.dump(), { released: true })).toEqual([]);
});
