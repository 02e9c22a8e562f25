import { describe, expect, test } from 'vitest';
import { lineOf, reclaimedLine } from '../../../shared/call-counts/call-line.ts';
import { readLine } from '../../../shared/call-counts/read-line.ts';
import { BOUNDS, readStored, storedText, withLines } from '../../../shared/call-counts/totals.ts';

const NONE = { calls: new Map(), reclaimed: {} };
const add = (milliseconds: number, code = 0) => lineOf({ plugin: 'calico', verb: 'ADD', code, milliseconds });

describe('a call as a line', () => {
  test('is read back', () => {
    const call = { plugin: 'calico-ipam', verb: 'DEL', code: 11, milliseconds: 12.345 } as const;
    expect(lineOf(call)).toBe('calico-ipam DEL 11 12345\n');
    expect(readLine('calico-ipam DEL 11 12345')).toEqual(call);
  });

  test.each([
    '',
    'calico ADD 0',
    'calico ADD 0 ',
    'calico ADD 0 -5',
    'calico ADD 0 12calico ADD 0 500',
    'calico GC 0 12',
    'other ADD 0 12',
    'calico ADD x 12',
    'calico ADD 0 12 13',
    '\0\0\0',
  ])('is not read from %j', (line) => expect(readLine(line)).toBeUndefined());
});

describe('the totals', () => {
  test('have each call in one bucket, its time and its code', () => {
    const sum = withLines(NONE, add(4) + add(5) + add(5.1) + add(99_000, 11)).calls.get('calico ADD');
    expect(sum?.buckets).toEqual([2, 1, ...BOUNDS.slice(2).map(() => 0), 1]);
    expect(sum?.seconds).toBeCloseTo(99.0141, 6);
    expect(sum?.codes).toEqual({ 0: 3, 11: 1 });
  });

  test('keep plugins and verbs apart, and skip what is not a whole line', () => {
    const text = `${add(1)}calico DEL 0 1000\ncalico-ipam ADD 0 1000\ncalico ADD 0 1calico ADD 0 9\ncalico ADD`;
    const totals = withLines(NONE, text);
    expect([...totals.calls].map(([key, { codes }]) => [key, codes])).toEqual([
      ['calico ADD', { 0: 1 }],
      ['calico DEL', { 0: 1 }],
      ['calico-ipam ADD', { 0: 1 }],
    ]);
  });

  test('tell a limited number of codes apart', () => {
    const text = Array.from({ length: 1000 }, (_, code) => add(1, code)).join('');
    const { codes = {} } = withLines(NONE, text).calls.get('calico ADD') ?? {};
    expect(Object.keys(codes)).toHaveLength(33);
    expect(codes['other']).toBe(1000 - 32);
    expect(Object.values(codes).reduce((sum, count) => sum + count)).toBe(1000);
  });

  test('are read back from their text, and added to', () => {
    const totals = withLines(NONE, add(4) + add(7, 11));
    const stored = readStored(storedText({ totals, added: '0:25:7' }));
    expect(stored).toEqual({ totals, added: '0:25:7' });
    expect(withLines(stored.totals, add(4)).calls.get('calico ADD')?.codes).toEqual({ 0: 2, 11: 1 });
  });

  test('add up the addresses that GC has released, by pool, and keep them', () => {
    const text = reclaimedLine({ pool: 'p', count: 2 }) + add(4) + reclaimedLine({ pool: '-', count: 1 });
    const { totals } = readStored(storedText({ totals: withLines(NONE, text), added: '' }));
    expect(totals.calls.get('calico ADD')?.codes).toEqual({ 0: 1 });
    expect(withLines(totals, text).reclaimed).toEqual({ p: 4, '-': 2 });
  });

  test.each(['reclaimed p', 'reclaimed p ', 'reclaimed p 1.5', 'reclaimed p -1', 'reclaimed p 1 2', 'reclaimed  1'])(
    'are not added up from %j',
    (line) => expect(withLines(NONE, line)).toEqual(NONE),
  );

  test.each(['', '{', '[]', '{"totals":1}', '{"totals":{"calico ADD":{"seconds":1,"buckets":[1],"codes":{}}}}'])(
    'are nothing when the text is %j',
    (text) => expect(readStored(text)).toEqual({ totals: NONE, added: '' }),
  );

  test.each(['"x"', '1.5', 'null'])('do not take a bucket of %s', (count) => {
    const buckets = `[${[count, ...BOUNDS.map(() => 0)].join(',')}]`;
    const text = `{"totals":{"calico ADD":{"seconds":1,"buckets":${buckets},"codes":{}}}}`;
    expect(readStored(text).totals.calls.size).toBe(0);
  });
});
