import { describe, expect, test } from 'vitest';
import { abandonedAmong, type HostLink, unchanged, unnamed } from '../../../plugins/linux/abandoned.ts';
import { shaperNames } from '../../../plugins/linux/shaper.ts';

const NOW = 1_000_000;
const link = (name: string, changes: Partial<HostLink> = {}): HostLink => ({
  name,
  index: 7,
  madeAt: NOW - 60_000,
  isRouted: false,
  shapers: shaperNames(name),
  ...changes,
});
const names = (links: readonly HostLink[]) => links.map(({ name }) => name);
const abandoned = (...links: readonly HostLink[]) => names(abandonedAmong(links, NOW));

describe('a leftover of a killed ADD', () => {
  test('is a pair without routes that is a minute old', () => {
    expect(abandoned(link('cali0123456789a'))).toEqual(['cali0123456789a']);
    expect(abandoned(link('cali0123456789a', { isRouted: true }))).toEqual([]);
    expect(abandoned(link('cali0123456789a', { madeAt: NOW - 59_999 }))).toEqual([]);
  });

  test('is not a link from the future, as after a clock change', () => {
    expect(abandoned(link('cali0123456789a', { madeAt: NOW + 1_000_000 }))).toEqual([]);
  });

  test('is a shaping device without a pair that is a minute old', () => {
    const shapers = ['bwc0123456789a', 'bwc3456789a', 'bwcali627a0cdce'];
    expect(abandoned(...shapers.map((name) => link(name)))).toEqual(shapers);
    expect(abandoned(link('bwc0123456789a', { madeAt: NOW - 59_999 }))).toEqual([]);
  });

  test.each(['cali', 'abcd', 'fbx', 'ab', 'x'])('is not a shaping device of a pair that is named %s…', (prefix) => {
    const pair = `${prefix}0123456789a`;
    const shapers = shaperNames(pair).map((name) => link(name));
    expect(abandoned(link(pair, { isRouted: true }), ...shapers)).toEqual([]);
  });

  test('is never a link without one of our names', () => {
    for (const name of ['eth0', 'calico-vxlan', 'vxlan.calico', 'bwcx', 'cali', 'tunl0', 'bwp0123456789']) {
      expect(abandoned(link(name))).toEqual([]);
    }
  });
});

test('a link that an endpoint names stays, with its shaping device', () => {
  const links = [link('cali0123456789a'), link('bwc0123456789a'), link('bwc0123456789b')];
  expect(names(unnamed(links, [], []))).toEqual(names(links));
  expect(names(unnamed(links, ['cali0123456789a'], shaperNames('cali0123456789a')))).toEqual(['bwc0123456789b']);
  expect(names(unnamed(links, ['abcd0123456789b'], shaperNames('abcd0123456789b')))).toEqual([
    'cali0123456789a',
    'bwc0123456789a',
  ]);
});

test('a link that was deleted, or made again with the same name, does not match the list', () => {
  const listed = [link('cali0123456789a', { index: 5 }), link('cali0123456789b', { index: 6 })];
  expect(unchanged(listed, listed)).toEqual(listed);
  expect(unchanged(listed, [link('cali0123456789a', { index: 8 })])).toEqual([]);
});
