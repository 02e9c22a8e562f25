import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import type { AssignRequest } from '../../../ipam/allocate/request.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { block, claimOn, handle, node, pool, request } from '../../support/stored/ipam-world.ts';

const CIDR = '10.10.0.0/30';
const ONE = { ...pool('p', { cidr: CIDR, blockSize: 30 }), ...node('node1') };
const TWO = { ...pool('p', { cidr: '10.10.0.0/29', blockSize: 30 }), ...node('node1') };
const CLAIM = { [claimOn('node1', CIDR)]: '{"state":"confirmed","deleted":false}' };
const handleOf = (container: string) => ({ [handle(`net1.${container}`)]: `{"block":{"${CIDR}":1},"deleted":false}` });
const LOST = { ...CLAIM, ...handleOf('old') };

const add = async (model: FakeStore, more: Partial<AssignRequest> = {}) =>
  (await carryOut(model, () => assign(request('node1', 'c1', more)))).addresses[0]?.address;

describe('a block that was deleted under running pods', () => {
  test.each(['node1', 'node2', 'node3'])(
    'is not created again, since its used addresses would look free: an ADD goes elsewhere, wherever it starts (%s)',
    async (claimSalt) => {
      const model = fakeStore({ ...TWO, ...LOST });
      expect(await add(model, { claimSalt })).toMatch(/^10\.10\.0\.[4-7]$/);
      expect(model.get(block(CIDR))).toBeUndefined();
      expect(model.get(claimOn('node1', CIDR))).toBeDefined();
    },
  );

  test('gives no address on request', async () => {
    const model = fakeStore({ ...ONE, ...LOST });
    const before = model.dump();
    await expect(add(model, { fixed: ['10.10.0.1'] })).rejects.toThrow(
      expect.objectContaining({
        kind: 'refused',
        message: `cannot assign an address from block ${CIDR}, which is missing`,
        details: expect.stringContaining('calicoctl ipam repair to rebuild it'),
      }),
    );
    expect(model.dump()).toEqual(before);
  });

  test('is reported when no other address is left', async () => {
    const model = fakeStore({ ...ONE, ...LOST });
    await expect(add(model)).rejects.toThrow(
      expect.objectContaining({ details: expect.stringContaining(`block ${CIDR} is missing`) }),
    );
  });

  test('is created again if no other container’s handle names it', async () => {
    for (const own of [{}, handleOf('c1')]) {
      for (const fixed of [[], ['10.10.0.1']]) {
        const model = fakeStore({ ...ONE, ...CLAIM, ...own });
        expect(await add(model, { fixed })).toMatch(/^10\.10\.0\./);
        expect(violations(model.dump())).toEqual([]);
      }
    }
  });

  test('costs an ADD nothing as long as no block is lost', async () => {
    const model = fakeStore({ ...TWO, ...handleOf('old') });
    await add(model, { fixed: ['10.10.0.1'] });
    expect(model.trips).toEqual(['read 6', 'read 1', 'commit 3']);
  });
});
