import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson, sortedRecord, stringifyJson } from '../../../shared/calico/json.ts';

const BLOCK =
  '{"cidr":"10.10.0.0/28","affinity":"host:node1","affinity_claim_time":"2026-11-21T07:10:04Z","allocations":[0,null],"unallocated":[],' +
  '"attributes":[{"handle_id":"n.1234567890123456","secondary":{"node":"node1","timestamp":"2026-11-21 07:06:55.09482369 +0000 UTC"}}],' +
  '"sequenceNumber":1795245004281761794,"sequenceNumberForAllocation":{"0":1795245004281761792,"1":1795245004281761792,"10":1795245004281761793,"2":7},"deleted":false}';

const NEAR_SAFE = fc.bigInt({ min: 2n ** 53n - 4n, max: 2n ** 53n + 4n });
const LONG = fc.oneof(
  fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
  NEAR_SAFE,
  NEAR_SAFE.map((integer) => -integer),
);
/** Strings that look like numbers or markers. */
const awkward = fc.string({
  unit: fc.constantFrom('"', '\\', ',', ':', '[', ']', ' ', '\0', 'n', '1795245004281761794', '<', '\u2028', '\ud800'),
});
const text = fc.oneof(awkward, fc.string({ unit: 'binary' }));

const isSafe = (value: bigint): boolean => Number.isSafeInteger(Number(value));

test('a block written by Calico is written back byte for byte', () => {
  const block = parseJson('/k', BLOCK) as Record<string, Record<string, unknown>>;
  expect(block['sequenceNumber']).toBe(1795245004281761794n);
  expect(block['sequenceNumberForAllocation']).toMatchObject({ '10': 1795245004281761793n, '2': 7 });
  const written = stringifyJson({
    ...block,
    sequenceNumberForAllocation: sortedRecord(block['sequenceNumberForAllocation'] ?? {}),
  });
  expect(written).toBe(BLOCK);
});

test('integers are exact, as number up to 2^53 and as bigint beyond, whatever strings surround them', () => {
  fc.assert(
    fc.property(LONG, text, (integer, near) => {
      const quoted = JSON.stringify(near);
      const exact = isSafe(integer) ? Number(integer) : integer;
      const json = `{"a":${integer},${quoted}:[${integer}, ${integer} ,${quoted},{"c":\t${integer}\n}]}`;
      expect(parseJson('/k', json)).toEqual(
        Object.fromEntries([
          ['a', exact],
          [near, [exact, exact, near, { c: exact }]],
        ]),
      );
    }),
    { numRuns: 500 },
  );
});

test('text is accepted or rejected exactly as by JSON.parse, with equal values except for long integers', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '"',
    '\\',
    '\\u0000',
    '1795245004281761794',
    '-',
    '0',
    '.',
    'e',
    ' ',
    'a',
    'true',
    '"k":',
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
      (json) => {
        let expected: unknown;
        try {
          expected = JSON.parse(json);
        } catch {
          expect(() => parseJson('/k', json)).toThrow('failed to parse datastore entry');
          return;
        }
        expect(rounded(parseJson('/k', json))).toEqual(expected);
      },
    ),
    { numRuns: 5000 },
  );
});

function rounded(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, rounded(field)]));
}

test.each([
  '{"a":1795245004281761794.5}',
  '{"a":1795245004281761794e3}',
  '{"a":-0.1795245004281761794}',
  '{"a":1e-1795245004281761794}',
])('%s has a fraction or exponent, so it is not a bigint', (json) => {
  expect(parseJson('/k', json)).toEqual(JSON.parse(json));
});

test.each([
  ['{"a":}', 'a value expected, "}" found at line 1, column 6'],
  ['', 'unexpected end of JSON input at line 1, column 1'],
  ['{1795245004281761794:1}', 'a key or "}" expected, a number found at line 1, column 2'],
  ['[01795245004281761794]', 'a value or "]" expected, "0" found at line 1, column 2'],
])('%j is rejected with key, value, position and reason', (json, why) => {
  const message = `failed to parse datastore entry key=/calico/x; value=${json}: ${why}`;
  expect(() => parseJson('/calico/x', json)).toThrow(expect.objectContaining({ kind: 'refused', message }));
});

test('hostile nesting is an error, not a crash', () => {
  const depth = 200_000;
  const json = `${'['.repeat(depth)}1795245004281761794,1${']'.repeat(depth)}`;
  expect(() => parseJson('/k', json)).toThrow(/^failed to parse datastore entry key=\/k; .*: nested too deeply$/);
});

test('a key named __proto__ stays a key', () => {
  const value = parseJson('/k', '{"__proto__":{"a":1795245004281761794}}') as object;
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(stringifyJson(value)).toBe('{"__proto__":{"a":1795245004281761794}}');
});

test('what is written is read back equal', () => {
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      LONG.filter((n) => !isSafe(n)),
      tie('list'),
      tie('record'),
    ),
    list: fc.array(tie('tree'), { maxLength: 4 }),
    // A key that starts with NUL cannot be distinguished from a Map's.
    record: fc.dictionary(
      text.filter((key) => !key.startsWith('\0')),
      tie('tree'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      expect(parseJson('/k', stringifyJson(value))).toEqual(value);
    }),
    { numRuns: 500 },
  );
});

test('text is escaped like Go does it', () => {
  expect(stringifyJson('<a>&\u2028\u2029é"\\\n\u0001/')).toBe(
    '"\\u003ca\\u003e\\u0026\\u2028\\u2029é\\"\\\\\\n\\u0001/"',
  );
});

test('fields keep their insertion order, and undefined ones are omitted', () => {
  expect(stringifyJson({ b: 1, a: undefined, c: [null, true, -2.5], d: {} })).toBe(
    '{"b":1,"c":[null,true,-2.5],"d":{}}',
  );
});

test('strings that look like markers are written unchanged', () => {
  expect(JSON.parse(stringifyJson(['\0n5', '\0', ':"\0n7"', '\0\0']))).toEqual(['\0n5', '\0', ':"\0n7"', '\0\0']);
});

test('a sorted record is written in byte order of its keys, including numeric ones', () => {
  const record = { '2': 'b', '10': 'a', '1': 'c', z: 1n, '\u{1f600}': 2, '\uffee': 3 };
  expect(stringifyJson(sortedRecord(record))).toBe('{"1":"c","10":"a","2":"b","z":1,"\uffee":3,"\u{1f600}":2}');
});
