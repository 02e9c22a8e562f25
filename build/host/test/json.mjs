import { equal, test, throws } from './check.mjs';

const host = calicoHost;

/** What both parsers make of a text; undefined where they refuse it. */
function parsed(parse, text) {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function sameAsTheEngine(text) {
  const mine = parsed(host.parseJson, text);
  const rounded = (_, value) => (typeof value === 'bigint' ? Number(value) : value);
  const [got, wanted] = [JSON.stringify(mine, rounded), JSON.stringify(parsed(JSON.parse, text))];
  if (got !== wanted) throw new Error(`${JSON.stringify(text)}: got ${got}, expected ${wanted}`);
}

test('JSON is read as by JSON.parse', () => {
  const texts = [
    ' {"a" : [1, -2.5e3, true , false, null, "x"], "b":{}, "c":[], "" :[[],[{}]] }\r\n\t',
    '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00é😀"',
    '"\\ud83d"', '"\\ude00\\ud83dx"', '{"\\ud800":1}',
    '{"é":1,"\\u0061":2,"a":3,"10":4,"2":5,"__proto__":{"x":1},"constructor":0}',
    '0', '-0', '1e400', '-1e-400', '1E+2', '123456789', '2147483648', '-2147483648', '0.1', '1.7976931348623157e308',
    '123456789012345678.5', '1234567890123456e3',
  ];
  for (const text of texts) sameAsTheEngine(text);
  equal(Object.is(host.parseJson('-0'), -0), true);
  equal(Object.getPrototypeOf(host.parseJson('{"__proto__":null}')) === Object.prototype, true);
  equal(Object.keys(host.parseJson('{"b":1,"a":2,"b":3}')), ['b', 'a']);
});

test('what is not JSON is refused', () => {
  const texts = [
    '', ' ', '{', '[', '[1', '[1,', '[1,]', '[,1]', '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{a:1}', "{'a':1}", '{"a" 1}', '{1:2}',
    '"', '"a', '"\\', '"\\x"', '"\\u12"', '"\\u+123"', '"\\u12g4"', '"\n"', '"\0"', '01', '-01', '00', '-', '+1', '.5', '1.', '1e', '1e+', '0x1',
    'tru', 'truex', 'nul', 'NaN', 'Infinity', 'undefined', '1 2', '{} []', ']', '}', '[}', '{]', '\uFEFF1', '1\u00a0', '/**/1', '"\\u00é"',
  ];
  for (const text of texts) {
    throws(() => host.parseJson(text), { name: 'TypeError' });
    sameAsTheEngine(text);
  }
});

test('integers beyond 2^53 are bigints', () => {
  const text = '[9007199254740991,9007199254740992,-9007199254740992,1795245004281761794,18446744073709551615,123456789012345678901234567890]';
  equal(host.parseJson(text), [
    9007199254740991, 9007199254740992n, -9007199254740992n, 1795245004281761794n, 18446744073709551615n, 123456789012345678901234567890n,
  ]);
  equal(host.parseJson(`-${'9'.repeat(60)}`), -(10n ** 60n - 1n));
  equal(host.parseJson('-9223372036854775809'), -9223372036854775809n);
});

test('deep nesting is refused, however the text ends', () => {
  const nested = (depth, end) => '[{"a":'.repeat(depth / 2) + end;
  for (const text of [nested(400_000, ''), nested(400_000, `1${'}]'.repeat(200_000)}`), '['.repeat(10_001)])
    throws(() => host.parseJson(text), { name: 'TypeError', message: 'nested too deeply' });
  equal(host.parseJson('['.repeat(10_000) + ']'.repeat(10_000)).length, 1);
});

test('random texts are read, or refused, as by JSON.parse', () => {
  const pieces = ['{', '}', '[', ']', ',', ':', '"', '"a"', '"k":', '\\', '\\u0000', '\\ud83d', 'é', '1795245004281761794', '-', '0', '1', '.5', 'e3', ' ', 'true', 'null', '\n'];
  for (let round = 0; round < 30_000; round++) {
    const random = host.random(1 + (round % 14));
    sameAsTheEngine([...random].map((byte) => pieces[byte % pieces.length]).join(''));
  }
});

test('only a string is read', () => {
  for (const value of [undefined, 1, {}, [], null]) throws(() => host.parseJson(value), { name: 'TypeError' });
});

test('JSON is written as by JSON.stringify', () => {
  const values = [
    null, true, false, 0, -0, 1.5, -1e21, 1e-7, 2 ** 53, 2 ** 31, NaN, Infinity, '', 'a"b\\c', '\b\t\n\f\r\0\x1f\x7f/é€😀', '\ud83dx\ude00', '\ud800',
    [], {}, [[], {}, [null, undefined, () => 1, Symbol('s'), NaN]], { b: 1, a: undefined, 10: 2, 2: { x: [] }, f: () => 1, 'é"': 'x', ['__proto__']: 1 },
    [1, [2, [3, { a: [4] }]], 'x'.repeat(100_000)],
  ];
  for (const value of values) equal(host.stringifyJson(value), JSON.stringify(value));
});

test('what Go writes otherwise is written as Go does', () => {
  equal(host.stringifyJson('<a>&\u2027\u2028\u2029\u202a'), '"\\u003ca\\u003e\\u0026\u2027\\u2028\\u2029\u202a"');
  equal(host.stringifyJson([2n ** 63n, -(10n ** 30n), 5n]), '[9223372036854775808,-1000000000000000000000000000000,5]');
  const map = new Map([['2', 'b'], ['10', { z: 1n }], ['a', undefined], ['', new Map()]]);
  equal(host.stringifyJson({ map }), '{"map":{"2":"b","10":{"z":1},"":{}}}');
});

test('what cannot be written is refused', () => {
  const cycle = [];
  cycle.push({ cycle });
  for (const value of [undefined, () => 1, Symbol('s'), cycle]) throws(() => host.stringifyJson(value), { name: 'TypeError' });
  const getter = { get a() { throw new RangeError('mine'); } };
  throws(() => host.stringifyJson(getter), { message: 'mine' });
});

test('an array that a getter shortens is written to its first length', () => {
  const array = [{ get a() { array.length = 1; return 1; } }, 2, 3];
  equal(host.stringifyJson(array), '[{"a":1},null,null]');
});
