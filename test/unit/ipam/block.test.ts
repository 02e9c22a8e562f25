import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allocate,
  firstFree,
  isEmpty,
  newBlock,
  ordinalsOf,
  reclaimed,
  release,
  settled,
} from '../../../ipam/block/block.ts';
import { decodeBlock, encodeBlock } from '../../../ipam/block/block-json.ts';
import type { Block } from '../../../shared/calico/model.ts';
import { network, parseCidr } from '../../../shared/net/cidr.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { at, block as blockKeyOf } from '../../support/stored/ipam-world.ts';

const CIDR = parseCidr('10.10.0.0/30') ?? network(4, 0n, 30);
const KEY = '/calico/ipam/v2/assignment/ipv4/block/10.10.0.0-30';
const NONE = { 4: [], 6: [] };
const AT_ONCE = { now: at(0), cooldown: 0, stamp: false };
const fresh = (): Block => newBlock(CIDR, 'node1', at(0));
/** A block written by the original, with fields and numbers that a careless parser loses. */
const STORED =
  '{"cidr":"10.10.0.0/30","affinity":"host:node1","affinity_claim_time":"2026-11-21T07:10:04Z","allocations":[0,0,1,null],' +
  '"unallocated":[3],"attributes":[{"handle_id":"h1","secondary":{"node":"node1"}},{"handle_id":"h2"}],' +
  '"sequenceNumber":1795245004281761794,"sequenceNumberForAllocation":{"0":1795245004281761792,"1":1795245004281761792,' +
  '"2":1795245004281761793},"deleted":false}';

describe('a stored block', () => {
  test('is written back byte for byte', () => {
    expect(encodeBlock(decodeBlock(CIDR, STORED, KEY))).toBe(STORED);
  });

  test('keeps unknown fields', () => {
    const more = STORED.replace(
      '"deleted":false',
      '"deleted":false,"hostAffinity":"x","future":{"n":9007199254740993}',
    );
    expect(encodeBlock(decodeBlock(CIDR, more, KEY))).toBe(more);
  });

  test('sorts sequence numbers by text, as Go does', () => {
    const wide = parseCidr('10.10.0.0/28') ?? CIDR;
    const text = encodeBlock(allocate(newBlock(wide, 'node1', at(0)), [10, 2, 1], { handle_id: 'h' }));
    expect(text).toMatch(/"sequenceNumberForAllocation":\{"1":\d+,"10":\d+,"2":\d+\}/);
  });

  test('with null attributes, as the original creates it, is empty', () => {
    const unowned =
      '{"cidr":"10.10.0.0/30","affinity":null,"allocations":[null,null,null,null],"unallocated":[0,1,2,3],"attributes":null,"sequenceNumber":5,"sequenceNumberForAllocation":null,"deleted":false}';
    expect(isEmpty(decodeBlock(CIDR, unowned, KEY))).toBe(true);
    expect(decodeBlock(CIDR, unowned, KEY)).toMatchObject({ attributes: [], sequenceNumber: 5n, affinity: null });
  });

  test.each([
    ['"allocations":[0,0,1,null]', '"allocations":[0,0,1]', 'field allocations has 3 of 4 entries'],
    ['"allocations":[0,0,1,null]', '"allocations":[0,0,2,null]', 'field allocations points to attribute 2 of 2'],
    ['"allocations":[0,0,1,null]', '"allocations":[0,0,-1,null]', 'field allocations points to attribute -1 of 2'],
    ['"allocations":[0,0,1,null]', '"allocations":{"0":0}', 'field allocations must be a list'],
    ['"unallocated":[3]', '"unallocated":[4]', 'field unallocated holds 4, which is not in the block'],
    ['"cidr":"10.10.0.0/30"', '"cidr":"10.10.0.4/30"', "field cidr does not match the block's name"],
    ['"affinity":"host:node1"', '"affinity":7', 'field affinity must be a string'],
    ['{"handle_id":"h2"}', '{"handle_id":2}', 'field attributes[1].handle_id cannot be read'],
    ['{"handle_id":"h2"}', '{"releasedAt":"soon"}', 'field attributes[1].releasedAt cannot be read'],
    ['"sequenceNumber":1795245004281761794', '"sequenceNumber":"1"', 'field sequenceNumber must be an integer'],
    ['{"0":1795245004281761792', '{"0":1.5', 'field sequenceNumberForAllocation must be a map of integers'],
  ])('with %s set to %s is rejected with its key and field', (good, bad, why) => {
    const value = STORED.replace(good, bad);
    expect(() => decodeBlock(CIDR, value, KEY)).toThrow(
      expect.objectContaining({
        kind: 'refused',
        message: `failed to parse datastore entry key=${KEY}; value=${value}: ${why}`,
      }),
    );
  });

  test('whose queue names an allocated address never assigns it', () => {
    const lying = decodeBlock(CIDR, STORED.replace('"unallocated":[3]', '"unallocated":[0,3,3]'), KEY);
    expect(lying.unallocated).toEqual([3]);
    const forgetful = decodeBlock(CIDR, STORED.replace('"unallocated":[3]', '"unallocated":[]'), KEY);
    expect(forgetful.unallocated).toEqual([3]);
  });
});

describe('assigning and releasing', () => {
  test('shares one attribute among the addresses of one call, but not between calls', () => {
    const attribute = { handle_id: 'h', secondary: { node: 'node1', timestamp: 't1' } };
    const once = allocate(fresh(), [0], attribute);
    const twice = allocate(once, [1], { handle_id: 'h', secondary: { timestamp: 't1', node: 'node1' } });
    const other = allocate(twice, [2], { handle_id: 'h', secondary: { node: 'node1', timestamp: 't2' } });
    expect(other).toMatchObject({ allocations: [0, 0, 1, null], sequenceNumber: at(0) + 3n });
    expect(other.sequenceNumberForAllocation).toEqual({ 0: at(0), 1: at(0) + 1n, 2: at(0) + 2n });
  });

  test('never shares an attribute with another owner or one that has a release time', () => {
    const migrating = { ...allocate(fresh(), [0], { handle_id: 'h' }) };
    const owned: Block = { ...migrating, attributes: [{ handle_id: 'h', alternateOwnerAttrs: { node: 'b' } }] };
    expect(allocate(owned, [1], { handle_id: 'h' }).attributes).toHaveLength(2);
  });

  test('renumbers attributes without gaps and keeps their order', () => {
    const three = ['a', 'b', 'c'].reduce(
      (block, name, ordinal) => allocate(block, [ordinal], { handle_id: name }),
      fresh(),
    );
    const after = release(three, [1], AT_ONCE);
    expect(after.attributes).toEqual([{ handle_id: 'a' }, { handle_id: 'c' }]);
    expect(after.allocations).toEqual([0, null, 1, null]);
    expect(after.unallocated).toEqual([3, 1]);
  });

  test('queues released addresses behind the free ones, in ascending order within one release', () => {
    const full = allocate(fresh(), [0, 1, 2], { handle_id: 'h' });
    expect(release(full, [2, 0], AT_ONCE).unallocated).toEqual([3, 0, 2]);
  });

  test('keeps a released address for longer than the cooldown', () => {
    const giving = { now: at(0), cooldown: 5, stamp: false };
    const cooling = release(allocate(fresh(), [0], { handle_id: 'h' }), [0], giving);
    expect(cooling).toMatchObject({
      allocations: [0, null, null, null],
      attributes: [{ releasedAt: '2026-11-21T08:31:21Z' }],
    });
    expect(cooling.sequenceNumberForAllocation).toEqual({ 0: at(0) });
    expect([isEmpty(cooling), ordinalsOf(cooling, 'h')]).toEqual([false, []]);
    expect(settled(cooling, at(5), 5)).toBe(cooling);
    expect(settled(cooling, at(5) + 1n, 5)).toMatchObject({
      unallocated: [1, 2, 3, 0],
      attributes: [],
      sequenceNumber: cooling.sequenceNumber,
    });
    expect(settled(cooling, at(0) + 1n, 0).unallocated).toEqual([1, 2, 3, 0]);
  });

  test('by address marks a cooling ordinal with the block’s sequence number', () => {
    const taken = allocate(fresh(), [0], { handle_id: 'h' });
    const cooling = release(taken, [0], { now: at(0), cooldown: 5, stamp: true });
    expect(cooling.sequenceNumberForAllocation).toEqual({ 0: taken.sequenceNumber });
    expect(cooling.sequenceNumber).toBe(taken.sequenceNumber + 1n);
  });

  test('skips reserved addresses, which keep their place in the queue', () => {
    const reservations = { 4: [{ from: CIDR.base, to: CIDR.base + 2n }], 6: [] };
    expect(firstFree(fresh(), CIDR, reservations)).toBe(2);
    expect(firstFree(fresh(), CIDR, NONE)).toBe(0);
  });

  test('finds handles that a Windows node stored with a carriage return', () => {
    expect(ordinalsOf(allocate(fresh(), [1], { handle_id: 'h\rx' }), 'h\ry')).toEqual([1]);
  });

  test('a block that holds only Windows’ reserved addresses is empty, and they are free when its owner changes', () => {
    const windows = allocate(fresh(), [0, 3], { handle_id: 'Windows-Reserved-IPAM-Handle', secondary: { note: 'x' } });
    expect(isEmpty(windows)).toBe(true);
    expect(reclaimed(windows, 'node2', at(90))).toMatchObject({
      affinity: 'host:node2',
      unallocated: [1, 2, 0, 3],
      attributes: [],
    });
  });
});

test('a block stays valid under any sequence of operations', () => {
  const operation = fc.record({ take: fc.boolean(), handle: fc.constantFrom('a', 'b', 'c'), seconds: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(operation), fc.constantFrom(0, 7), (operations, cooldown) => {
      let now = at(0);
      const pool = '{"spec":{"cidr":"10.10.0.0/30","blockSize":30}}';
      let block = fresh();
      for (const { take, handle, seconds } of operations) {
        now += BigInt(seconds) * 1_000_000_000n;
        block = settled(decodeBlock(CIDR, encodeBlock(block), KEY), now, cooldown);
        const free = firstFree(block, CIDR, NONE);
        const held = ordinalsOf(block, handle);
        if (take && free !== undefined)
          block = allocate(block, [free], { handle_id: handle, secondary: { now: String(now) } });
        else if (held.length > 0) block = release(block, held, { now, cooldown, stamp: false });
        const config = JSON.stringify({ ipCooldownSeconds: cooldown });
        const dump = {
          [blockKeyOf('10.10.0.0/30')]: encodeBlock(block),
          '/calico/resources/v3/projectcalico.org/ippools/p': pool,
          '/calico/ipam/v2/config': config,
        };
        expect(violations(dump, { now, except: [10, 14, 16] })).toEqual([]);
      }
    }),
  );
});
