import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import type { AssignRequest } from '../../../ipam/allocate/request.ts';
import { network, parseCidr, size } from '../../../shared/net/cidr.ts';
import { acting, carryOut, interleave, pausedAt } from '../../support/fake-datastore/actor.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { at, block, CONFIG, claimOn, node, pool, request, reservation } from '../../support/stored/ipam-world.ts';

const NODE = node('node1');
/** A block whose value should not matter: a decision that reads it fails or treats it as another node’s. */
const FULL = '{"full":true}';

/** Blocks of a CIDR whose values cannot be parsed. */
function unreadable(cidr: string, length: number, count: number): Record<string, string> {
  const whole = parseCidr(cidr) ?? network(4, 0n, 0);
  const step = 1n << BigInt((whole.family === 4 ? 32 : 128) - length);
  const all = Array.from({ length: Math.min(count, Number(size(whole) / step)) }, (_, index) =>
    network(whole.family, whole.base + BigInt(index) * step, length),
  );
  return Object.fromEntries(all.map(({ text }) => [block(text), FULL]));
}

const emptyBlock = (cidr: string, affinity: string): string =>
  `{"cidr":"${cidr}","affinity":"${affinity}","affinity_claim_time":"2026-11-21T08:31:21Z","allocations":[null,null],` +
  '"unallocated":[0,1],"attributes":[],"sequenceNumber":1795249881000000000,"sequenceNumberForAllocation":{},"deleted":false}';

const blockGiven = async (seed: Readonly<Record<string, string>>, name = 'node1', more = {}) => {
  const model = fakeStore({ ...NODE, ...seed });
  const { addresses } = await carryOut(model, () => assign(request(name, 'c1', more)));
  return { cidr: addresses[0]?.block, trips: model.trips, model };
};

describe('a block to claim', () => {
  test('is found by keys and counts alone when 10,000 blocks are full', async () => {
    const { cidr, trips } = await blockGiven({
      ...pool('p', { cidr: '10.0.0.0/8', blockSize: 26 }),
      ...unreadable('10.0.0.0/8', 26, 10_000),
    });
    expect(cidr).toBeDefined();
    expect(trips.length).toBeLessThanOrEqual(9);
  });

  test.each([
    ['10.0.0.0/16', 26],
    ['10.0.64.0/18', 26],
    ['10.0.0.0/14', 26],
    ['10.0.0.0/24', 32],
    ['fd00:1::/112', 122],
    ['1:2:3:4:5:6:7:0/114', 122],
    ['1:2:3:4:5:6::/112', 124],
  ])('is found in %s with blocks of /%i when only one is left', async (cidr, blockSize) => {
    const all = Object.keys(unreadable(cidr, blockSize, 1e6));
    for (const hole of [all[0], all.at(-1), all[Math.floor(all.length / 3)]]) {
      const taken = Object.fromEntries(all.filter((key) => key !== hole).map((key) => [key, FULL]));
      const families = [cidr.includes(':') ? 6 : 4] as const;
      const found = await blockGiven({ ...pool('p', { cidr, blockSize }), ...taken }, 'node1', { families });
      expect(block(found.cidr ?? '')).toBe(hole);
    }
  });

  test('is found although keys of another pool’s blocks lie in between', async () => {
    const all = Object.keys(unreadable('10.0.64.0/18', 26, 1e6));
    const seed = {
      ...pool('p', { cidr: '10.0.64.0/18', blockSize: 26 }),
      ...unreadable('10.0.0.0/18', 26, 1e6),
      ...unreadable('10.0.128.0/17', 26, 1e6),
      ...Object.fromEntries(all.slice(1).map((key) => [key, FULL])),
    };
    expect(block((await blockGiven(seed)).cidr ?? '')).toBe(all[0]);
  });

  test('is never a reserved one', async () => {
    const reserved = reservation('r', '10.0.0.0/27', '10.0.0.32/27', '10.0.0.64/26', '10.0.0.128', '10.0.0.192/26');
    const { cidr, model } = await blockGiven({ ...pool('p', { cidr: '10.0.0.0/24', blockSize: 26 }), ...reserved });
    expect(cidr).toBe('10.0.0.128/26');
    expect(model.get(block('10.0.0.128/26'))?.value).toContain('"unallocated":[0,2,3,');
  });

  test.each(['10.0.0.0/24', '10.0.0.0/21'])(
    'in %s is never one that overlaps a block of another size',
    async (cidr) => {
      const small = { ...unreadable(cidr, 26, 1e6), ...unreadable('10.0.0.64/26', 28, 1) };
      const { [block('10.0.0.128/26')]: _, [block('10.0.0.64/26')]: __, ...seed } = small;
      for (const name of ['node1', 'node2', 'node3', 'node4']) {
        const { cidr: found } = await blockGiven(
          { ...pool('p', { cidr, blockSize: 26 }), ...node(name), ...seed },
          name,
        );
        expect(found).toBe('10.0.0.128/26');
      }
    },
  );

  test.each(['10.6.0.0', '10.3.0.0', '10.0.0.0'])(
    'is found when all but %s/16 of a large pool is reserved',
    async (only) => {
      const others = Array.from({ length: 8 }, (_, at) => `10.${at}.0.0`).filter((base) => base !== only);
      const reserved = reservation('r', ...others.map((base) => `${base}/16`));
      const { cidr, trips } = await blockGiven({ ...pool('p', { cidr: '10.0.0.0/13', blockSize: 26 }), ...reserved });
      expect(cidr?.startsWith(only.slice(0, 5))).toBe(true);
      expect(trips.length).toBeLessThan(20);
    },
  );

  test('is found although more IPv6 blocks of another pool lie in between than this pool lacks', async () => {
    const all = Object.keys(unreadable('fd00:1::1:0/112', 122, 1e6));
    const hole = block('fd00:1::1:29c0/122');
    const seed = {
      ...pool('p', { cidr: 'fd00:1::1:0/112', blockSize: 122 }),
      ...Object.fromEntries(all.filter((key) => key !== hole).map((key) => [key, FULL])),
      ...unreadable('fd00:1::1:2:0/112', 122, 300),
    };
    expect(block((await blockGiven(seed, 'node1', { families: [6] })).cidr ?? '')).toBe(hole);
  });

  test('depends on the node’s name, so that nodes seldom choose the same one', () => {
    const seed = pool('p', { cidr: '10.0.0.0/16', blockSize: 26 });
    const blocks = Array.from(
      { length: 50 },
      async (_, index) => (await blockGiven({ ...seed, ...node(`n${index}`) }, `n${index}`)).cidr,
    );
    expect(new Set(blocks).size).toBeGreaterThan(44);
  });

  test('seldom is the same for two nodes whose own part of the pool is full', () => {
    const seed = { ...pool('p', { cidr: '10.0.0.0/14', blockSize: 26 }), ...unreadable('10.0.0.0/15', 26, 1e6) };
    const names = Array.from({ length: 24 }, (_, index) => `n${index}`);
    const blocks = names.map(async (name) => (await blockGiven({ ...seed, ...node(name) }, name)).cidr);
    expect(new Set(blocks).size).toBeGreaterThan(20);
  });

  test('differs for every container where a block is a single address', async () => {
    const model = fakeStore({ ...NODE, ...pool('p', { cidr: '10.0.0.0/24', blockSize: 32 }) });
    const actors = Array.from({ length: 10 }, (_, index) => acting(model, () => assign(request('node1', `c${index}`))));
    const ends = await interleave(actors, []);
    expect(ends.every((end) => end !== undefined && 'value' in end)).toBe(true);
    const commits = model.trips.filter((trip) => trip.startsWith('commit')).length;
    expect(commits).toBeLessThan(16);
  });
});

describe('a race for a block', () => {
  test('costs the losing node one round trip', async () => {
    const model = fakeStore({ ...NODE, ...node('node2'), ...pool('p', { cidr: '10.0.0.0/16', blockSize: 26 }) });
    const twin = { claimSalt: 'same place' };
    const actors = ['node1', 'node2'].map((name) => acting(model, () => assign(request(name, name, twin))));
    const ends = await interleave(actors, [0, 1, 0, 1, 0, 1]);
    const blocks = ends.map((end) => (end !== undefined && 'value' in end ? end.value.addresses[0]?.block : ''));
    expect(new Set(blocks).size).toBe(2);
    expect(model.trips.length).toBe(7);
    expect(violations(model.dump())).toEqual([]);
  });

  test('leaves fifty processes of one node with one block', { timeout: 60_000 }, async () => {
    const model = fakeStore({ ...NODE, ...pool('p', { cidr: '10.0.0.0/16', blockSize: 26 }) });
    const actors = Array.from({ length: 50 }, (_, index) => acting(model, () => assign(request('node1', `c${index}`))));
    const ends = await interleave(actors, []);
    const found = ends.map((end) => (end !== undefined && 'value' in end ? end.value.addresses[0] : undefined));
    expect(new Set(found.map((each) => each?.block)).size).toBe(1);
    expect(new Set(found.map((each) => each?.address)).size).toBe(50);
    expect(violations(model.dump())).toEqual([]);
  });

  const SPEC = { cidr: '10.0.0.0/26', blockSize: 26 };
  const CIDR = '10.0.0.0/26';
  const old = emptyBlock(CIDR, 'host:node2')
    .replace('2026-11-21T08:31', '2026-11-21T07:00')
    .replace('[null,null]', JSON.stringify(Array.from({ length: 64 }, () => null)));
  test.each<readonly [string, Readonly<Record<string, string>>, Partial<AssignRequest>, string]>([
    ['when it would claim a block', {}, {}, 'cannot find a qualified ippool'],
    [
      'when an affinity has no block',
      { [claimOn('node1', CIDR)]: '{"state":"pending"}' },
      {},
      'cannot find a qualified ippool',
    ],
    [
      'when it would take over a block',
      { [block(CIDR)]: old, [claimOn('node2', CIDR)]: '{"state":"confirmed"}' },
      {},
      'cannot find a qualified ippool',
    ],
    ['when it requests an address', {}, { fixed: ['10.0.0.1'] }, 'The provided IP address is not in a configured pool'],
  ])('against the deletion or disabling of the pool ends without an address %s', async (_, seed, more, message) => {
    const model = fakeStore({ ...NODE, ...pool('p', SPEC), ...seed });
    const adding = await pausedAt(
      acting(model, () => assign(request('node1', 'c1', more))),
      'commit',
    );
    const [[key, value] = ['', '']] = Object.entries(pool('p', { ...SPEC, disabled: true }));
    model.put(key, value);
    await expect(adding()).rejects.toThrow(message);
  });
});

test('without auto_allocate_blocks, no block is claimed and no address is borrowed', async () => {
  const model = fakeStore({ ...NODE, ...pool('p', { cidr: '10.0.0.0/24', blockSize: 26 }), [CONFIG]: '{}' });
  await expect(carryOut(model, () => assign(request('node1', 'c1', { now: at(1) })))).rejects.toThrow(
    'failed to find or claim a block',
  );
  expect(model.trips.some((trip) => trip.startsWith('commit'))).toBe(false);
});
