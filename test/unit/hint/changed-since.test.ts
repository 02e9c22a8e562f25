import { describe, expect, test } from 'vitest';
import { allocate } from '../../../ipam/block/block.ts';
import { decodeBlock, encodeBlock } from '../../../ipam/block/block-json.ts';
import type { FakeStore } from '../../support/fake-datastore/fake-store.ts';
import { cidr } from '../../support/inputs/cidr.ts';
import { block, CONFIG, claimOn, node, pool, poolKey, reservation } from '../../support/stored/ipam-world.ts';
import { add, del, ownBlock, POOL, warmed } from './hinted-calls.ts';

describe('what has changed since the hint is seen:', () => {
  const MOVED: readonly (readonly [string, (store: FakeStore, mine: string) => void])[] = [
    ['the pool is gone', (store) => store.remove(poolKey('p'))],
    ['the pool is disabled', (store) => put(store, pool('p', { ...POOL, disabled: true }))],
    ['the pool selects other nodes', (store) => put(store, pool('p', { ...POOL, nodeSelector: "zone == 'x'" }))],
    [
      'another pool is the only one',
      (store) => {
        store.remove(poolKey('p'));
        put(store, pool('q', { cidr: '10.9.0.0/28', blockSize: 30 }));
      },
    ],
    ['the block is reserved', (store, mine) => put(store, reservation('r', mine))],
    [
      'all but one of its addresses are reserved',
      (store, mine) => put(store, reservation('r', mine.replace('/30', '/31'))),
    ],
    ['affinity is strict', (store) => put(store, { [CONFIG]: '{"strict_affinity":true,"auto_allocate_blocks":true}' })],
    ['nodes may claim no blocks', (store) => put(store, { [CONFIG]: '{"auto_allocate_blocks":false}' })],
    [
      'the block is gone, and its claim',
      (store, mine) => {
        store.remove(block(mine));
        store.remove(claimOn('n1', mine));
      },
    ],
    ['the block is gone', (store, mine) => store.remove(block(mine))],
    [
      'the block was deleted and made again',
      (store, mine) => {
        const value = store.get(block(mine))?.value ?? '';
        store.remove(block(mine));
        store.put(block(mine), value.replace(/"sequenceNumber":\d+/, '"sequenceNumber":1900000000000000000'));
      },
    ],
    [
      'the block is another node’s',
      (store, mine) => {
        store.remove(claimOn('n1', mine));
        store.put(claimOn('n2', mine), '{"state":"confirmed","deleted":false}');
        store.put(block(mine), (store.get(block(mine))?.value ?? '').replace('host:n1', 'host:n2'));
      },
    ],
    [
      'the block has no owner',
      (store, mine) => {
        store.remove(claimOn('n1', mine));
        store.put(block(mine), (store.get(block(mine))?.value ?? '').replace('"host:n1"', 'null'));
      },
    ],
    [
      'the block is full',
      (store, mine) => {
        const read = decodeBlock(cidr(mine), store.get(block(mine))?.value ?? '', '');
        store.put(block(mine), encodeBlock(allocate(read, read.unallocated, { handle_id: 'net1.others' })));
      },
    ],
    ['the block cannot be read', (store, mine) => store.put(block(mine), '{"allocations":')],
    ['the node is gone', (store) => store.remove(Object.keys(node('n1'))[0] ?? '')],
  ];
  const put = (store: FakeStore, entries: Readonly<Record<string, string>>) => {
    for (const [key, value] of Object.entries(entries)) store.put(key, value);
  };

  /** What an ADD and two DELs come to after the change, with or without the hint. */
  async function story(change: (store: FakeStore, mine: string) => void, isHinted: boolean) {
    const { store, file, place } = await warmed();
    await add(place, 'a');
    change(store, ownBlock(store));
    if (!isHinted) file.write = () => {};
    if (!isHinted) file.text = undefined;
    const outcome = async (work: Promise<{ readonly addresses: readonly string[] }>) =>
      work.then(
        ({ addresses }) => addresses,
        (thrown: unknown) => String(thrown),
      );
    const ends = [
      await outcome(add(place, 'b')),
      await outcome(del(place, 'a')),
      await outcome(add(place, 'c')),
      await outcome(del(place, 'b')),
      await outcome(del(place, 'b')),
    ];
    return { ends, dump: store.dump() };
  }

  test.each(MOVED)('%s: the same is decided as without a hint', async (_, change) => {
    expect(await story(change, true)).toEqual(await story(change, false));
  });
});
