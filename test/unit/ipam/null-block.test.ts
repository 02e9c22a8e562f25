import { describe, expect, test } from 'vitest';
import { allocate, isInUse, newBlock, ordinalsOf, release, settled } from '../../../ipam/block/block.ts';
import { decodeBlock, encodeBlock } from '../../../ipam/block/block-json.ts';
import { network, parseCidr } from '../../../shared/net/cidr.ts';
import { at } from '../../support/stored/ipam-world.ts';

const CIDR = parseCidr('10.10.0.0/30') ?? network(4, 0n, 30);
const KEY = '/calico/ipam/v2/assignment/ipv4/block/10.10.0.0-30';

type Json = Readonly<Record<string, unknown>>;

const FIRST = { handle_id: 'h1', secondary: { node: 'node1' } };
const STORED: Json = {
  cidr: '10.10.0.0/30',
  affinity: 'host:node1',
  affinity_claim_time: '2026-11-21T07:10:04Z',
  allocations: [0, 0, 1, null],
  unallocated: [3],
  attributes: [FIRST, { handle_id: 'h2' }],
  sequenceNumber: 7,
  sequenceNumberForAllocation: { 0: 4, 1: 5, 2: 6 },
  deleted: false,
  hostAffinity: 'node1',
};

/** The value with one member changed. Undefined removes it. */
const blockWith = (field: string, value: unknown): string => JSON.stringify({ ...STORED, [field]: value });
const attributesWith = (attribute: unknown): string => blockWith('attributes', [FIRST, attribute]);
const decode = (text: string) => decodeBlock(CIDR, text, KEY);

describe('null and absent are the zero value', () => {
  test.each([
    ['affinity', { affinity: null }],
    ['affinity_claim_time', { affinity_claim_time: undefined }],
    ['unallocated', { unallocated: [3] }],
    ['sequenceNumber', { sequenceNumber: 0n }],
    ['sequenceNumberForAllocation', { sequenceNumberForAllocation: {} }],
    ['deleted', { deleted: false }],
  ])('%s', (field, zero) => {
    for (const value of [null, undefined]) {
      const block = decode(blockWith(field, value));
      expect(block).toEqual({ ...decode(JSON.stringify(STORED)), ...zero });
      expect(decode(encodeBlock(block))).toEqual(block);
    }
  });

  test('attributes of a block without allocations', () => {
    for (const attributes of [null, undefined, []]) {
      const empty = JSON.stringify({ ...STORED, allocations: [null, null, null, null], attributes });
      expect(decode(empty).attributes).toEqual([]);
    }
  });

  test.each([
    ['null', null, {}],
    ['an empty attribute', {}, {}],
    ['handle_id null', { handle_id: null, secondary: { node: 'a' } }, { secondary: { node: 'a' } }],
    ['secondary null', { handle_id: 'h', secondary: null }, { handle_id: 'h' }],
    ['a null in secondary', { handle_id: 'h', secondary: { node: null } }, { handle_id: 'h', secondary: { node: '' } }],
    ['alternateOwnerAttrs null', { handle_id: 'h', alternateOwnerAttrs: null }, { handle_id: 'h' }],
    ['a null in alternateOwnerAttrs', { alternateOwnerAttrs: { pod: null } }, { alternateOwnerAttrs: { pod: '' } }],
    ['releasedAt null', { handle_id: 'h', releasedAt: null }, { handle_id: 'h' }],
    ['an unknown null', { handle_id: 'h', future: null }, { handle_id: 'h', future: null }],
  ])('an attribute: %s', (_, given, read) => {
    const block = decode(attributesWith(given));
    expect(block.attributes?.[1]).toEqual(read);
    const written = JSON.parse(encodeBlock(block)) as { readonly attributes: readonly unknown[] };
    expect(written.attributes[1]).toEqual(read);
  });

  test('a null in the free list is ordinal 0, one in the sequence numbers is 0', () => {
    const fresh = { ...STORED, allocations: [null, 0, 1, null], unallocated: [3, null] };
    expect(decode(JSON.stringify(fresh)).unallocated).toEqual([3, 0]);
    expect(decode(blockWith('sequenceNumberForAllocation', { 2: null })).sequenceNumberForAllocation).toEqual({
      2: 0n,
    });
  });

  test('hostAffinity null is kept', () => {
    expect(JSON.parse(encodeBlock(decode(blockWith('hostAffinity', null))))).toMatchObject({ hostAffinity: null });
  });
});

describe('a block with null attributes', () => {
  const riddled = () =>
    decode(attributesWith({ handle_id: null, secondary: null, alternateOwnerAttrs: null, releasedAt: null }));

  test('assigns and releases addresses, and leaves other owners’ alone', () => {
    const block = settled(riddled(), at(0), 0);
    expect(block.allocations).toEqual([0, 0, 1, null]);
    expect([isInUse(block, 2), ordinalsOf(block, 'h1')]).toEqual([true, [0, 1]]);
    const taken = allocate(block, [3], { handle_id: 'h3' });
    const given = release(taken, ordinalsOf(taken, 'h1'), { now: at(0), cooldown: 0, stamp: false });
    expect(given.allocations).toEqual([null, null, 0, 1]);
    expect(decode(encodeBlock(given))).toEqual(given);
  });
});

describe('the wrong type is rejected with key and field, without advice to delete the block', () => {
  test.each([
    ['affinity', 7],
    ['affinity_claim_time', 7],
    ['allocations', null],
    ['allocations', undefined],
    ['allocations', {}],
    ['allocations', ['0', 0, 1, null]],
    ['unallocated', {}],
    ['unallocated', ['3']],
    ['attributes', {}],
    ['sequenceNumber', '7'],
    ['sequenceNumber', -1],
    ['sequenceNumberForAllocation', []],
    ['sequenceNumberForAllocation', { 0: '4' }],
    ['sequenceNumberForAllocation', { 0: -4 }],
    ['deleted', 'false'],
    ['cidr', null],
    ['cidr', undefined],
    ['cidr', ''],
  ])('%s: %j', (field, value) => {
    expect(() => decode(blockWith(field, value))).toThrow(
      expect.objectContaining({
        kind: 'refused',
        message: expect.stringMatching(new RegExp(`key=${KEY}; value=.*: field ${field} `)),
        details: expect.stringMatching(/do not delete/),
      }),
    );
  });

  test.each([
    ['x', ''],
    [{ handle_id: 7 }, '.handle_id'],
    [{ secondary: 'x' }, '.secondary'],
    [{ secondary: { node: 7 } }, '.secondary'],
    [{ alternateOwnerAttrs: [] }, '.alternateOwnerAttrs'],
    [{ releasedAt: 7 }, '.releasedAt'],
    [{ releasedAt: 'soon' }, '.releasedAt'],
  ])('an attribute %j', (attribute, field) => {
    expect(() => decode(attributesWith(attribute))).toThrow(`field attributes[1]${field} cannot be read`);
  });

  test('a wrong index or ordinal is quoted as stored', () => {
    expect(() => decode(blockWith('unallocated', [{ a: [1] }]))).toThrow('field unallocated holds {"a":[1]}, which');
    expect(() => decode(blockWith('allocations', [{}, 0, 1, null]))).toThrow('points to attribute {} of 2');
  });

  test('a value that is not an object, or not JSON', () => {
    for (const text of ['null', '[]', '7', '', '{"cidr":']) {
      expect(() => decode(text)).toThrow(expect.objectContaining({ details: expect.stringMatching(/do not delete/) }));
    }
  });
});

test('a sequence number at its maximum wraps around, as 64-bit integers do', () => {
  const last = { ...newBlock(CIDR, 'node1', at(0)), sequenceNumber: 2n ** 64n - 1n };
  expect(allocate(last, [0], { handle_id: 'h' }).sequenceNumber).toBe(0n);
});
