import { expect, test } from 'vitest';
import { mesosLabels, mesosNamespace } from '../../../plugins/mesos-labels.ts';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';

const conf = (labels: Record<string, string>) =>
  readNetConf(
    JSON.stringify({
      name: 'net1',
      args: {
        'org.apache.mesos': {
          network_info: { labels: { labels: Object.entries(labels).map(([key, value]) => ({ key, value })) } },
        },
      },
    }),
  );

test.each([
  ['/a/b/c', 'a.b.c'],
  ['--x..y--', 'x.y'],
  ['héllo wörld', 'h-llo-w-rld'],
  ['front end!', 'front-end'],
  ['a_b.c-d', 'a_b.c-d'],
])('the label value %s becomes %s', (given, stored) => {
  expect(mesosLabels(conf({ tier: given }))).toEqual({ tier: stored });
});

test('the namespace label names the namespace and labels nothing', () => {
  const both = conf({ tier: 'x', 'projectcalico.org/namespace': 'blue' });
  expect(mesosNamespace(both)).toBe('blue');
  expect(mesosLabels(both)).toEqual({ tier: 'x' });
  expect(mesosNamespace(conf({}))).toBe('');
});
