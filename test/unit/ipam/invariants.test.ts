import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { type Expectations, violations } from '../../support/invariants/invariants.ts';
import { transitionViolations } from '../../support/invariants/transitions.ts';
import { at, block, CONFIG, claimOn, handle, node, pool, request } from '../../support/stored/ipam-world.ts';

const CIDR = '10.10.0.0/30';
const BLOCK = block(CIDR);
const CLAIM = claimOn('node1', CIDR);

/** A valid store: one node with one address. */
async function soundStore(): Promise<Record<string, string>> {
  const model = fakeStore({ ...pool('p', { cidr: '10.10.0.0/28', blockSize: 30 }), ...node('node1') });
  await carryOut(model, () => assign(request('node1', 'c1', { fixed: ['10.10.0.0'] })));
  return { ...model.dump() };
}
const SOUND = await soundStore();
const sound = (): Record<string, string> => ({ ...SOUND });

/** The valid store with one value changed. */
function changed(key: string, from: string | RegExp, to: string): Record<string, string> {
  const dump = sound();
  const before = dump[key] ?? '';
  dump[key] = before.replace(from, to);
  if (dump[key] === before) throw new Error(`${String(from)} is not in ${before}`);
  return dump;
}

function without(key: string): Record<string, string> {
  return Object.fromEntries(Object.entries(sound()).filter(([each]) => each !== key));
}

test('a valid store violates nothing', async () => {
  expect(violations(sound(), { now: at(0), strict: true, limit: 1 })).toEqual([]);
});

const attribute = /\{"handle_id":"net1\.c1".*?\}\}/;
const twin =
  sound()[BLOCK]?.replaceAll(CIDR, '10.10.0.0/31').replace(',null,null,null]', ',null]').replace('[1,2,3]', '[1]') ??
  '';

type Case = readonly [number, string, Record<string, string>, Expectations?];

const BROKEN: readonly Case[] = [
  [1, 'a CIDR that differs from its key', changed(BLOCK, `"cidr":"${CIDR}"`, '"cidr":"10.10.0.8/30"')],
  [
    1,
    'a block size that differs from the pool’s',
    changed('/calico/resources/v3/projectcalico.org/ippools/p', '"blockSize":30', '"blockSize":31'),
  ],
  [2, 'overlapping blocks', { ...sound(), [block('10.10.0.0/31')]: twin }],
  [3, 'too few allocations', changed(BLOCK, '[0,null,null,null]', '[0,null,null]')],
  [3, 'an index out of range', changed(BLOCK, '[0,null,null,null]', '[0,null,null,3]')],
  [4, 'an attribute without an address', changed(BLOCK, '"attributes":[', '"attributes":[{"handle_id":"net1.c1"},')],
  [5, 'an allocated address in the queue', changed(BLOCK, '"unallocated":[1,2,3]', '"unallocated":[0,1,2,3]')],
  [5, 'a free address missing from the queue', changed(BLOCK, '"unallocated":[1,2,3]', '"unallocated":[1,2]')],
  [5, 'an address twice in the queue', changed(BLOCK, '"unallocated":[1,2,3]', '"unallocated":[1,2,3,3]')],
  [6, 'an address without a sequence number', changed(BLOCK, /\{"0":\d+\}/, '{}')],
  [6, 'a sequence number for a free address', changed(BLOCK, '{"0":', '{"1":7,"0":')],
  [6, 'a sequence number from the future', changed(BLOCK, /\{"0":\d+\}/, '{"0":9223372036854775807}')],
  [
    8,
    'equal attributes',
    changed(BLOCK, /"allocations":\[0,null(.*)"attributes":\[(\{.*\})\]/, '"allocations":[0,1$1"attributes":[$2,$2]'),
  ],
  [
    9,
    'a release time although there is no cooldown',
    changed(BLOCK, attribute, '{"releasedAt":"2026-11-21T08:31:21Z"}'),
  ],
  [
    9,
    'a release time in the future',
    { ...changed(BLOCK, attribute, '{"releasedAt":"2026-11-21T08:31:29Z"}'), [CONFIG]: '{"ipCooldownSeconds":9}' },
    { now: at(0) },
  ],
  [10, 'an owner without an affinity', without(CLAIM)],
  [10, 'two affinities for one block', { ...sound(), [claimOn('node2', CIDR)]: '{"state":"confirmed"}' }],
  [11, 'an affinity without a block', without(BLOCK)],
  [11, 'a pending affinity', changed(CLAIM, 'confirmed', 'pending')],
  [
    12,
    'an empty block without an owner',
    {
      ...without(CLAIM),
      [BLOCK]:
        '{"cidr":"10.10.0.0/30","affinity":null,"allocations":[null,null,null,null],"unallocated":[0,1,2,3],"attributes":[],"sequenceNumber":1,"sequenceNumberForAllocation":{},"deleted":false}',
    },
  ],
  [13, 'an owner without a claim time', changed(BLOCK, /"affinity_claim_time":"[^"]*",/, '')],
  [14, 'a handle that counts too many addresses', changed(handle('net1.c1'), ':1', ':2')],
  [15, 'a handle that counts no addresses', changed(handle('net1.c1'), `"${CIDR}":1`, '')],
  [
    15,
    'a handle that counts addresses in a missing block',
    changed(handle('net1.c1'), `"${CIDR}":1`, `"${CIDR}":1,"10.99.0.0/26":1`),
  ],
  [16, 'an address without its handle', without(handle('net1.c1'))],
  [
    17,
    'a borrowed address under strict affinity',
    changed(BLOCK, '"node":"node1"', '"node":"node2"'),
    { strict: true },
  ],
  [19, 'a node above its block limit', sound(), { limit: 0 }],
  [22, 'an address left after everything was released', sound(), { released: true }],
];

describe('the checker detects', async () => {
  test.each(BROKEN.map(([number, what, dump, expected = {}]) => ({ number, what, dump, expected })))(
    '$number: $what',
    ({ number, dump, expected }) => {
      expect(violations(dump, expected).some((problem) => problem.startsWith(`${number}: `))).toBe(true);
      expect(
        violations(dump, { ...expected, except: [number] }).some((problem) => problem.startsWith(`${number}: `)),
      ).toBe(false);
    },
  );

  const step = { automatic: true, isReserved: (address: string) => address === '10.10.0.1' };
  const taking = (ordinal: number, sequence: bigint) =>
    changed(
      BLOCK,
      /"allocations":\[0,null,null,null\](.*"sequenceNumber":)\d+/,
      `"allocations":${JSON.stringify([0, 1, 2, 3].map((each) => (each === 0 || each === ordinal ? 0 : null)))}$1${sequence}`,
    );
  test.each<readonly [number, string, Record<string, string>]>([
    [7, 'a sequence number that did not increase', await taking(2, at(0) + 1n)],
    [7, 'a sequence number that jumped', await taking(2, at(0) + 3n)],
    [18, 'a reserved address that was assigned', await taking(1, at(0) + 2n)],
    [20, 'an address assigned before its turn', await taking(3, at(0) + 2n)],
  ])('%i: %s', async (number, _, after) => {
    expect(transitionViolations(sound(), after, step).some((problem) => problem.startsWith(`${number}: `))).toBe(true);
  });

  test('nothing in a valid step', async () => {
    expect(transitionViolations(sound(), await taking(2, at(0) + 2n), step)).toEqual([]);
  });
});
