// JSON with integers beyond 2^53.

import { equal, test, throws } from './check.mjs';

const host = calicoHost;
const { parseJson, stringifyJson } = host;
/** As JSON.stringify, with bigints marked. */
const shown = (value) => JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `bigint ${each}` : each));
const parsed = (text, leaveOut) => shown(parseJson(text, leaveOut));

test('JSON is read as by JSON.parse', () => {
  const texts = [
    '{"a":[1,-2.5,1e3,0,-0,true,false,null,"x"],"b":{},"c":[],"":{"10":1,"2":2}}',
    ' [ 1 , "a" ]\n',
    '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\\ud800"',
    '{"a":1,"a":2,"é":3,"\\u00e9":4,"日":5}',
    '1e400',
    '0.1234567890123456789',
  ];
  for (const text of texts) equal(parsed(text), shown(JSON.parse(text)));
  equal(Object.is(parseJson('-0'), -0), true);
});

test('an integer that a number cannot hold is a bigint', () => {
  equal(parsed('9007199254740991'), '9007199254740991');
  equal(parsed('9007199254740992'), '"bigint 9007199254740992"');
  equal(parsed('[-9223372036854775808,18446744073709551615]'), '["bigint -9223372036854775808","bigint 18446744073709551615"]');
  equal(parsed('123456789012345678901234567890'), '"bigint 123456789012345678901234567890"');
  equal(parsed('12345678901234567890.5'), shown(12345678901234567890.5));
  equal(parsed('1e25'), shown(1e25));
});

test('what is not JSON is refused', () => {
  const texts = ['', '{', '[1,]', '{"a":1,}', '{a:1}', '01', '1.', '.5', '+1', '-', '1e', 'tru', 'nul', '"', '"\\x"', '"\\u12"'];
  for (const text of [...texts, '"\n"', '[1 2]', '{"a" 1}', '1 2', '[]]', '"a"b', '\uFEFF1', '[\u00a01]', '\0', 'NaN'])
    throws(() => parseJson(text), { code: 'EINVAL' });
  throws(() => parseJson('['.repeat(200_000)), { code: 'EINVAL', message: 'JSON is nested too deeply' });
  equal(parsed(`${'['.repeat(999)}${']'.repeat(999)}`).length, 1998);
});

test('a name of the prototype is a name like others', () => {
  const value = parseJson('{"__proto__":{"a":1},"constructor":2}');
  equal(Object.getPrototypeOf(value) === Object.prototype, true);
  equal(stringifyJson(value), '{"__proto__":{"a":1},"constructor":2}');
});

test('members are left out, and what they have within them', () => {
  const text = '{"items":[{"a":{"b":[1,{"x":"}]\\""}],"c":2},"d":3},{"a":null,"d":{"b":4}}],"a":{"b":5}}';
  equal(parsed(text, { items: { a: { b: true }, d: true } }), '{"items":[{"a":{"c":2}},{"a":null}],"a":{"b":5}}');
  equal(parsed(text, {}), shown(JSON.parse(text)));
  for (const rest of ['{"a":', '{"a":}', '{"a":[}', '{"a":[1', '{"a":"']) throws(() => parseJson(rest, { a: true }), { code: 'EINVAL' });
  const endless = {};
  endless.a = endless;
  throws(() => parseJson('1', endless), { name: 'TypeError' });
});

test('values are written as Go writes them', () => {
  const value = {
    b: [1n, -(2n ** 70n), undefined, () => {}, Symbol('s'), Number.NaN, Number.POSITIVE_INFINITY],
    a: undefined,
    c: [-0, 1e21, 1.5, 2 ** 53, -7, true, null],
    d: new Map([['10', 'x'], ['2', new Map()]]),
    é: '<a>&\u2028\u2029é"\\\n\u0001/\b\f\r\t\u007f😀\ud800x\udfff',
  };
  const written =
    '{"b":[1,-1180591620717411303424,null,null,null,null,null],"c":[0,1e+21,1.5,9007199254740992,-7,true,null],' +
    '"d":{"10":"x","2":{}},"é":"\\u003ca\\u003e\\u0026\\u2028\\u2029é\\"\\\\\\n\\u0001/\\b\\f\\r\\t\u007f😀\\ud800x\\udfff"}';
  equal(stringifyJson(value), written);
  equal(stringifyJson('\ud83d\ude00'), '"😀"');
});

test('a value that has itself within it is refused', () => {
  const value = [];
  value.push(value);
  throws(() => stringifyJson(value), { code: 'EINVAL' });
});

test('what a getter throws is thrown', () => {
  const value = {
    get a() {
      throw new RangeError('no');
    },
  };
  throws(() => stringifyJson(value), { name: 'RangeError', message: 'no' });
});
