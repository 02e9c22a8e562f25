import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { block, CONFIG, claimOn, node, pool, request } from '../../support/stored/ipam-world.ts';

const NODE = node('node1');

const emptyBlock = (cidr: string, affinity: string): string =>
  `{"cidr":"${cidr}","affinity":"${affinity}","affinity_claim_time":"2026-11-21T08:31:21Z","allocations":[null,null],` +
  '"unallocated":[0,1],"attributes":[],"sequenceNumber":1795249881000000000,"sequenceNumberForAllocation":{},"deleted":false}';

describe('the limit of blocks per node', () => {
  const twoBlocks = { ...NODE, ...pool('p', { cidr: '10.0.0.0/24', blockSize: 31 }) };
  const fill = async (count: number, more = {}, config = {}) => {
    const model = fakeStore({ ...twoBlocks, ...config });
    for (let index = 0; index < count; index++)
      await carryOut(model, () => assign(request('node1', `c${index}`, more)));
    return model;
  };
  const full = expect.objectContaining({
    kind: 'refused',
    message: 'cannot allocate new block due to per host block limit',
    details: expect.stringMatching(
      /limit of 2 blocks reached for this node; Pools p \(10\.0\.0\.0\/24, blocks of \/31\)/,
    ),
  });

  test('forbids a third block and borrowing, by request or configuration, whichever is smaller', async () => {
    const config = { [CONFIG]: '{"auto_allocate_blocks":true,"maxBlocksPerHost":2}' };
    for (const [more, set] of [
      [{ maxBlocks: 2 }, {}],
      [{}, config],
      [{ maxBlocks: 3 }, config],
    ] as const) {
      const model = await fill(4, more, set);
      await expect(carryOut(model, () => assign(request('node1', 'c4', more)))).rejects.toThrow(full);
      expect(violations(model.dump(), { limit: 2 })).toEqual([]);
    }
  });

  test('defaults to 20', async () => {
    const model = await fill(40);
    await expect(carryOut(model, () => assign(request('node1', 'c40')))).rejects.toThrow('per host block limit');
  });

  test('does not count an affinity for another node’s block', async () => {
    const model = await fill(2, { maxBlocks: 2 });
    const [own] = Object.keys(model.dump()).filter((key) => key.includes('/assignment/'));
    const cidr =
      own?.slice(own.lastIndexOf('/') + 1).replace('-', '/') === '10.0.0.254/31' ? '10.0.0.252/31' : '10.0.0.254/31';
    const other = await carryOut(fakeStore({ ...twoBlocks, ...node('node2') }), () =>
      assign(request('node2', 'x', { fixed: [cidr.slice(0, -3)] })),
    );
    expect(other.addresses[0]?.block).toBe(cidr);
    model.put(block(cidr), emptyBlock(cidr, 'host:node2'));
    model.put(claimOn('node1', cidr), '{"state":"confirmed","deleted":false}');
    await carryOut(model, () => assign(request('node1', 'c2', { maxBlocks: 2 })));
    expect(model.get(claimOn('node1', cidr))).toBeUndefined();
  });
});
