import { describe, expect, test } from 'vitest';
import { endOfTurn } from '../../../shared/system/pause.ts';
import type { FakeStore } from '../../support/fake-datastore/fake-store.ts';
import { pool, poolKey } from '../../support/stored/ipam-world.ts';
import { add, ownBlock, POOL, stage, warmed } from './hinted-calls.ts';

const disable = (store: FakeStore) => {
  for (const [key, value] of Object.entries(pool('p', { ...POOL, disabled: true }))) store.put(key, value);
};
const CHANGES: readonly (readonly [string, (store: FakeStore) => void])[] = [
  ['disabled', disable],
  ['deleted', (store) => store.remove(poolKey('p'))],
];
/** Once the call has read what it reads before its turn. */
const whileItWaits = (change: () => void) => async () => {
  await endOfTurn();
  change();
};

describe.each(CHANGES)('a pool that is %s while an ADD waits for its turn', (_, change) => {
  test('gives it no new block, and nothing is left of it', async () => {
    const { store, place } = stage();
    const adding = add(
      place,
      'a',
      whileItWaits(() => change(store)),
    );
    await expect(adding).rejects.toThrow(/pool/);
    const before = stage().store;
    change(before);
    expect(store.dump()).toEqual(before.dump());
  });

  test('gives the new block to no ADD if another pool can serve', async () => {
    const { store, place } = stage();
    const other = pool('q', { cidr: '10.9.0.0/28', blockSize: 30 });
    const added = await add(
      place,
      'a',
      whileItWaits(() => {
        change(store);
        for (const [key, value] of Object.entries(other)) store.put(key, value);
      }),
    );
    expect(added.addresses[0]).toMatch(/^10\.9\./);
  });

  test('gives an address of the block that the node owns, as one that was assigned just before', async () => {
    const { store, place } = await warmed();
    const own = ownBlock(store).replace(/\d+\/30$/, '');
    expect(
      (
        await add(
          place,
          'a',
          whileItWaits(() => change(store)),
        )
      ).addresses[0],
    ).toContain(own);
    await expect(add(place, 'b')).rejects.toThrow(/pool/);
  });
});
