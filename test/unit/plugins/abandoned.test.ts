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

describe('what a killed ADD may have left', () => {
  test('is a pair that nothing is routed to, after a minute', () => {
    expect(abandoned(link('cali0123456789a'))).toEqual(['cali0123456789a']);
    expect(abandoned(link('cali0123456789a', { isRouted: true }))).toEqual([]);
    expect(abandoned(link('cali0123456789a', { madeAt: NOW - 59_999 }))).toEqual([]);
  });

  test('is not what seems to come from the future, as after a change of the clock', () => {
    expect(abandoned(link('cali0123456789a', { madeAt: NOW + 1_000_000 }))).toEqual([]);
  });

  test('is a shaping device without a pair, after a minute', () => {
    const shapers = ['bwc0123456789a', 'bwc3456789a', 'bwcali627a0cdce'];
    expect(abandoned(...shapers.map((name) => link(name)))).toEqual(shapers);
    expect(abandoned(link('bwc0123456789a', { madeAt: NOW - 59_999 }))).toEqual([]);
  });

  test.each(['cali', 'abcd', 'fbx', 'ab', 'x'])('is no shaping device of a pair that is named %s…', (prefix) => {
    const pair = `${prefix}0123456789a`;
    const shapers = shaperNames(pair).map((name) => link(name));
    expect(abandoned(link(pair, { isRouted: true }), ...shapers)).toEqual([]);
  });

  test('is nothing that is not named as ours', () => {
    for (const name of ['eth0', 'calico-vxlan', 'vxlan.calico', 'bwcx', 'cali', 'tunl0', 'bwp0123456789']) {
      expect(abandoned(link(name))).toEqual([]);
    }
  });
});

test('what an endpoint names stays, and the shaping device of what it names', () => {
  const links = [link('cali0123456789a'), link('bwc0123456789a'), link('bwc0123456789b')];
  expect(names(unnamed(links, [], []))).toEqual(names(links));
  expect(names(unnamed(links, ['cali0123456789a'], shaperNames('cali0123456789a')))).toEqual(['bwc0123456789b']);
  expect(names(unnamed(links, ['abcd0123456789b'], shaperNames('abcd0123456789b')))).toEqual([
    'cali0123456789a',
    'bwc0123456789a',
  ]);
});

test('what has been made anew under the same name, or is gone, is not what was listed', () => {
  const listed = [link('cali0123456789a', { index: 5 }), link('cali0123456789b', { index: 6 })];
  expect(unchanged(listed, listed)).toEqual(listed);
  expect(unchanged(listed, [link('cali0123456789a', { index: 8 })])).toEqual([]);
});
