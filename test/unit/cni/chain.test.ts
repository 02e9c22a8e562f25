import { expect, test } from 'vitest';
import { chainedShapers } from '../../../ctl/check/chained-shaper.ts';
import { chainsBandwidth } from '../../../shared/cni/chain.ts';

const list = (...types: readonly string[]) =>
  JSON.stringify({ name: 'net1', plugins: types.map((type) => ({ type })) });

test.each([
  [list('calico', 'bandwidth'), true],
  [list('calico', 'portmap', 'bandwidth'), true],
  [list('calico', 'portmap'), false],
  [list('bridge', 'bandwidth'), false],
  [list('bandwidth', 'calico'), false],
  ['{"type":"calico"}', false],
  ['{"plugins":null}', false],
  ['{"plugins":7}', false],
  ['no json', false],
])('a list chains the plugin bandwidth after calico: %s, %s', (text, expected) => {
  expect(chainsBandwidth(text)).toBe(expected);
});

test('the check reports it only where Felix runs, which would remove the limits', () => {
  const lists = [{ path: '/etc/cni/net.d/10-calico.conflist', text: list('calico', 'bandwidth') }];
  expect(chainedShapers(lists, false)).toEqual([]);
  expect(chainedShapers(lists, true).map(({ text }) => text)).toEqual([
    '/etc/cni/net.d/10-calico.conflist chains the plugin bandwidth behind calico, and Felix runs here',
  ]);
});
