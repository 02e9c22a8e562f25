import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSelector } from '../../../shared/calico/selector.ts';

type Labels = Record<string, string>;
const refusal = (message: string) => expect.objectContaining({ kind: 'refused', message });
const selects = (text: string, labels: Labels): boolean => parseSelector(text)(labels);

test.each<[string, readonly Labels[], readonly Labels[]]>([
  ['', [{}, { a: 'b' }], []],
  [' \t', [{}], []],
  ['all()', [{}, { a: 'b' }], []],
  [' all( \t) ', [{}], []],
  ['global()', [{}], []],
  ["a == 'b'", [{ a: 'b' }, { a: 'b', c: 'd' }], [{}, { a: 'c' }, { c: 'b' }]],
  ['a=="b"', [{ a: 'b' }], [{ a: '"b"' }]],
  ["a != 'b'", [{}, { a: 'c' }], [{ a: 'b' }]],
  ["a == ''", [{ a: '' }], [{}, { a: 'x' }]],
  [`a == '"'`, [{ a: '"' }], [{}]],
  ['a == "\\"', [{ a: '\\' }], [{}]],
  ['a in {\'x\', "y"}', [{ a: 'x' }, { a: 'y' }], [{}, { a: 'z' }]],
  ["a in{'x',}", [{ a: 'x' }], [{ a: '' }]],
  ['a in {}', [], [{}, { a: '' }]],
  ["a not in {'x'}", [{}, { a: 'y' }], [{ a: 'x' }]],
  ["a notin {'x'}", [{}, { a: 'y' }], [{ a: 'x' }]],
  ["a contains 'b'", [{ a: 'abc' }, { a: 'b' }], [{}, { a: 'ac' }]],
  ["a starts with 'b'", [{ a: 'bc' }], [{}, { a: 'ab' }]],
  ["a startswith 'b'", [{ a: 'bc' }], [{ a: 'ab' }]],
  ["a ends \t with 'b'", [{ a: 'ab' }], [{}, { a: 'bc' }]],
  ['has(a)', [{ a: '' }], [{}, { b: 'a' }]],
  ['has( \t a )', [{ a: 'x' }], [{}]],
  ['!has(a)', [{}], [{ a: 'x' }]],
  ['! ! !has(a)', [{}], [{ a: 'x' }]],
  ["!a == 'b'", [{}, { a: 'c' }], [{ a: 'b' }]],
  ['has(a) || has(b) && has(c)', [{ a: '' }, { b: '', c: '' }], [{ b: '' }, { c: '' }]],
  [
    '(has(a) || has(b)) && has(c)',
    [
      { a: '', c: '' },
      { b: '', c: '' },
    ],
    [{ a: '' }, { c: '' }],
  ],
  ['!has(a) && has(b)', [{ b: '' }], [{ a: '', b: '' }, {}]],
  ['!(has(a) && has(b))', [{ a: '' }, {}], [{ a: '', b: '' }]],
  ['((!(!has(a))))', [{ a: '' }], [{}]],
  ["projectcalico.org/name == 'x' && -._/ != 'y'", [{ 'projectcalico.org/name': 'x' }], [{}]],
  ["in in {'x'} && all == 'y' && has != 'z'", [{ in: 'x', all: 'y' }], [{ in: 'x' }]],
  ['has(constructor) || toString == "x" || __proto__ contains ""', [], [{}]],
])('%s', (text, selected, others) => {
  for (const labels of selected) expect(selects(text, labels), JSON.stringify(labels)).toBe(true);
  for (const labels of others) expect(selects(text, labels), JSON.stringify(labels)).toBe(false);
});

test.each<[string, string]>([
  ['a ===', 'a string at position 4'],
  ["a === 'b'", 'a string at position 4'],
  ['a == b', 'a string at position 4'],
  ["a = 'b'", "an operator after label 'a' at position 1"],
  ['a', "an operator after label 'a' at position 1"],
  ['a b', "an operator after label 'a' at position 1"],
  ["'a' == 'b'", 'a condition at position 0'],
  ["a == 'b", 'a string at position 4'],
  ['a == \'b"', 'a string at position 4'],
  ["a\n== 'b'", "an operator after label 'a' at position 1"],
  ["a in 'b'", 'a set at position 4'],
  ["a in {'b'", '} at position 9'],
  ["a in {'b' 'c'}", '} at position 9'],
  ['a in {b}', '} at position 6'],
  ["a starts 'b'", "an operator after label 'a' at position 1"],
  ['has()', "an operator after label 'has' at position 3"],
  ["has('a')", "an operator after label 'has' at position 3"],
  ['all(a)', "an operator after label 'all' at position 3"],
  ['has(a) &&', 'a condition at position 9'],
  ['has(a) & has(b)', 'an operator at position 6'],
  ['has(a) has(b)', 'an operator at position 6'],
  ['|| has(a)', 'a condition at position 0'],
  ['!', 'a condition at position 1'],
  ['()', 'a condition at position 1'],
  ['(has(a)', ') at position 7'],
  ['has(a))', "'(' before ')' at position 7"],
  [')', 'a condition at position 0'],
  ['%', 'a condition at position 0'],
  [`${'a'.repeat(513)} == 'b'`, `an operator after label '${'a'.repeat(512)}' at position 512`],
])('%j is rejected', (text, expected) => {
  expect(() => parseSelector(text)).toThrow(refusal(`invalid selector '${text}': expected ${expected}`));
});

test('nesting of any depth is parsed and evaluated', () => {
  const depth = 10_000;
  const [open, close] = ['!(has(b) || '.repeat(depth), ')'.repeat(depth)];
  expect(selects(`${open}has(a)${close}`, { a: '' })).toBe(true);
  expect(selects(`${'('.repeat(depth)}has(a)${close}`, {})).toBe(false);
  expect(() => parseSelector('('.repeat(depth))).toThrow('expected a condition at position 10000');
});

/** A selector and its expected value, made together. */
interface Sample {
  readonly text: string;
  readonly holds: (labels: Labels) => boolean;
}

test('operators have the precedence that the language defines, in any combination', () => {
  const key = fc.constantFrom('a', 'b', 'c');
  const { or } = fc.letrec<{ or: Sample; and: Sample; not: Sample; term: Sample }>((tie) => ({
    term: fc.oneof(
      { maxDepth: 4 },
      key.map((k): Sample => ({ text: `has(${k})`, holds: (labels) => k in labels })),
      key.map((k): Sample => ({ text: `${k} != 'x'`, holds: (labels) => labels[k] !== 'x' })),
      tie('or').map((inner): Sample => ({ text: `( ${inner.text})`, holds: inner.holds })),
    ),
    not: fc.tuple(fc.nat(2), tie('term')).map(([count, term]): Sample => {
      return { text: '!'.repeat(count) + term.text, holds: (labels) => term.holds(labels) !== (count % 2 === 1) };
    }),
    and: fc.array(tie('not'), { minLength: 1, maxLength: 3 }).map((parts): Sample => {
      return {
        text: parts.map(({ text }) => text).join('&&'),
        holds: (labels) => parts.every(({ holds }) => holds(labels)),
      };
    }),
    or: fc.array(tie('and'), { minLength: 1, maxLength: 3 }).map((parts): Sample => {
      return {
        text: parts.map(({ text }) => text).join(' || '),
        holds: (labels) => parts.some(({ holds }) => holds(labels)),
      };
    }),
  }));
  const labels = fc.dictionary(key, fc.constantFrom('x', 'y'), { noNullPrototype: true });
  fc.assert(
    fc.property(or, labels, ({ text, holds }, given) => {
      expect(selects(text, given)).toBe(holds(given));
    }),
    { numRuns: 500 },
  );
});
