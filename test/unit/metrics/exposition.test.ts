import { expect, test } from 'vitest';
import { exposition, gauge, single } from '../../../ctl/metrics/exposition.ts';

test('each family has its help, its type and its values', () => {
  const families = [
    single('up', 'Whether it works.', 1),
    gauge('free', 'How many.', [
      { labels: { ippool: 'a', node: 'b' }, value: 0.25 },
      { labels: { ippool: 'c' }, value: Number.POSITIVE_INFINITY },
    ]),
  ];
  expect(exposition(families)).toBe(
    '# HELP up Whether it works.\n# TYPE up gauge\nup 1\n' +
      '# HELP free How many.\n# TYPE free gauge\nfree{ippool="a",node="b"} 0.25\nfree{ippool="c"} +Inf\n',
  );
});

test('a family without values is left out', () => expect(exposition([gauge('none', 'Nothing.', [])])).toBe(''));

test('quotes, backslashes and line ends in labels are escaped', () => {
  expect(exposition([single('a', 'b', 1, { node: 'x"y\\z\nend' })])).toContain('a{node="x\\"y\\\\z\\nend"} 1\n');
});

test('large and small numbers are written so that Go reads them', () => {
  expect(exposition([single('a', 'b', 2 ** 64)])).toContain('a 18446744073709552000\n');
  expect(exposition([single('a', 'b', 2 ** 100)])).toContain('a 1.2676506002282294e+30\n');
  expect(exposition([single('a', 'b', 1e-7)])).toContain('a 1e-7\n');
});
