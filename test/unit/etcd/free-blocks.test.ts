import { describe, expect, test } from 'vitest';
import type { Answer, BlockSearch } from '../../../shared/datastore/query.ts';
import { textOf } from '../../../shared/datastore/ref.ts';
import { type Cidr, network, parseCidr } from '../../../shared/net/cidr.ts';
import { connected } from '../../support/fake-datastore/connection.ts';
import { block } from '../../support/stored/ipam-world.ts';

const parsed = (text: string): Cidr => parseCidr(text) ?? network(4, 0n, 0);
const search = (pool: string, start: string): BlockSearch => {
  const cidr = parsed(start);
  return { pool: { cidr: parsed(pool), blockSize: cidr.length }, start: cidr };
};

/** `count` blocks of one size from an address on, as stored. */
function filled(from: string, count: number): Record<string, string> {
  const { family, base, length } = parsed(from);
  const step = 1n << BigInt((family === 4 ? 32 : 128) - length);
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [block(network(family, base + BigInt(at) * step, length).text), '{}']),
  );
}

/** All pages of a search, and the round trips before each. */
async function pages(seed: Readonly<Record<string, string>>, what: 'freeBlocks' | 'usedBlocks', first: BlockSearch) {
  const etcd = connected(seed);
  const found: Answer[] = [];
  const trips: number[] = [];
  for (let asked: BlockSearch | undefined = first; asked !== undefined; ) {
    const [answer] = await etcd.read([what === 'freeBlocks' ? { freeBlocks: asked } : { usedBlocks: asked }], 1_000);
    if (answer === undefined) throw new Error('no answer');
    found.push(answer);
    trips.push(etcd.calls.splice(0).length);
    asked = answer.next === undefined ? undefined : { ...first, after: answer.next };
  }
  return { found, trips, refs: found.flatMap(({ refs }) => refs.map(textOf)) };
}

describe('a search for free blocks', () => {
  test('finds all of a window in one round trip, from its start and around its end', async () => {
    const { found, trips } = await pages({}, 'freeBlocks', search('10.0.0.0/24', '10.0.0.128/26'));
    expect(found[0]?.refs.map(textOf)).toEqual(
      ['10.0.0.128/26', '10.0.0.192/26', '10.0.0.0/26', '10.0.0.64/26'].map((text) => `Block(${text})`),
    );
    expect(trips[0]).toBe(1);
  });

  test('returns the blocks at its start with their values even if they exist, and no other existing blocks', async () => {
    const seed = filled('10.0.0.0/28', 6);
    const { found } = await pages(seed, 'freeBlocks', search('10.0.0.0/24', '10.0.0.32/28'));
    const [page] = found;
    expect(page?.refs.slice(0, 5).map(textOf)).toEqual(
      ['32', '48', '64', '80', '96'].map((host) => `Block(10.0.0.${host}/28)`),
    );
    expect(page?.refs).toHaveLength(14);
    expect(page?.entries.map(({ at }) => at)).toEqual(
      ['32', '48', '64', '80'].map((host) => block(`10.0.0.${host}/28`)),
    );
  });

  test('omits blocks that overlap a block of another size', async () => {
    const seed = { ...filled('10.0.0.64/28', 1), ...filled('10.0.0.192/27', 1) };
    const { refs } = await pages(seed, 'freeBlocks', search('10.0.0.0/24', '10.0.0.64/26'));
    expect(refs).toEqual(['Block(10.0.0.128/26)', 'Block(10.0.0.0/26)']);
  });

  test('skips full windows and full parents by counting their keys', async () => {
    const start = search('10.0.0.0/15', '10.0.0.0/26');
    const seed = { ...filled('10.0.0.0/26', 1_024), ...filled('10.1.0.0/26', 1_000) };
    const { found, trips } = await pages(seed, 'freeBlocks', start);
    // The first window is full except at the start, then come its neighbours, the far parent and that one's windows.
    expect(found[0]?.entries).toHaveLength(4);
    expect(trips.slice(0, 2)).toEqual([1, 4]);
    const free = found
      .slice(1)
      .flatMap(({ refs, entries }) => refs.filter(({ kind }) => kind === 'block').length - entries.length);
    expect(free.reduce((sum, count) => sum + count, 0)).toBe(24);
  });

  test('ends when every block of the pool was checked', async () => {
    for (const [pool, start, count] of [
      ['10.0.0.0/16', '10.0.7.64/26', 1_024],
      ['10.0.0.0/14', '10.2.7.64/26', 4_096],
      ['10.0.7.128/25', '10.0.7.130/32', 128],
      ['fd00:1::/110', 'fd00:1::1:40/122', 4_096],
      ['fd00:1::/116', 'fd00:1::/116', 1],
    ] as const) {
      const { refs } = await pages({}, 'freeBlocks', search(pool, start));
      expect([refs.length, new Set(refs).size], pool).toEqual([count, count]);
      expect(refs[0], pool).toBe(`Block(${start})`);
    }
  });

  test('detects by more than the number of keys that another pool shares a window', async () => {
    const seed = filled('10.0.0.0/32', 255);
    const { refs } = await pages(
      { ...seed, ...filled('10.0.1.0/26', 3) },
      'freeBlocks',
      search('10.0.1.0/24', '10.0.1.0/26'),
    );
    expect(refs).toContain('Block(10.0.1.192/26)');
  });

  test('skips reserved blocks, without a round trip for a window that has only those', async () => {
    const half = { from: 0x0a000000n, to: 0x0a008000n };
    const first = { ...search('10.0.0.0/16', '10.0.0.0/26'), except: [half] };
    const { refs, trips } = await pages({}, 'freeBlocks', first);
    expect(refs).toHaveLength(512);
    expect(new Set(refs).size).toBe(512);
    // The first page follows one count of the windows. Each later page takes one read.
    expect(trips[0]).toBe(2);
  });

  test('returns nothing for a pool smaller than its blocks', async () => {
    const { found } = await pages({}, 'freeBlocks', search('10.0.0.0/27', '10.0.0.0/26'));
    expect(found).toEqual([{ entries: [], refs: [] }]);
  });
});

describe('a search for used blocks', () => {
  test('returns the blocks near its start first, then those of parents that hold any', async () => {
    const seed = { ...filled('10.0.0.0/26', 2), ...filled('10.3.0.0/26', 1), ...filled('10.9.0.0/26', 1) };
    const { found } = await pages(seed, 'usedBlocks', search('10.0.0.0/14', '10.0.0.0/26'));
    expect(found.map(({ entries }) => entries.map(({ ref }) => textOf(ref)))).toEqual([
      ['Block(10.0.0.0/26)', 'Block(10.0.0.64/26)'],
      ['Block(10.3.0.0/26)'],
      [],
    ]);
  });

  test('returns 64 values at once', async () => {
    const seed = filled('10.0.0.0/32', 200);
    const { found } = await pages(seed, 'usedBlocks', search('10.0.0.0/24', '10.0.0.0/32'));
    expect(found.map(({ entries }) => entries.length)).toEqual([64, 64, 64, 8, 0]);
  });
});
