import { expect, test } from 'vitest';
import { freeFrom, Taken, walkOf } from '../../../shared/kubernetes-datastore/block-walk.ts';
import { network } from '../../../shared/net/cidr.ts';

const pool = { cidr: network(4, 0x0a000000n, 12), blockSize: 28 };
const start = network(4, 0x0a000000n, 28);

test('thousands of blocks of another size in the way cost no minutes', () => {
  const blocks = Array.from({ length: 16_000 }, (_, at) => network(4, 0x0a000000n + BigInt(at) * 64n, 26));
  const began = performance.now();
  const { blocks: free } = freeFrom(walkOf({ pool, start }), new Taken(pool, blocks), 0, 8);
  expect(free[0]).toEqual(network(4, 0x0a000000n + 16_000n * 64n, 28));
  expect(performance.now() - began).toBeLessThan(5_000);
});

test('a block is barred by larger and by smaller ones', () => {
  const blocks = [network(4, 0x0a000000n, 26), network(4, 0x0a000048n, 30)];
  const { blocks: free } = freeFrom(walkOf({ pool, start }), new Taken(pool, blocks), 0, 1);
  expect(free).toEqual([network(4, 0x0a000050n, 28)]);
});
