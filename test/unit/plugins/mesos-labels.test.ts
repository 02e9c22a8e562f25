import { describe, expect, test } from 'vitest';
import { identify, requireNames } from '../../../plugins/decide/identity.ts';
import { mesosLabels, mesosNamespace } from '../../../plugins/decide/mesos-labels.ts';
import { readCniArgs } from '../../../shared/cni/args.ts';
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

test('the namespace label sets the namespace and is not a label of the endpoint', () => {
  const both = conf({ tier: 'x', 'projectcalico.org/namespace': 'blue' });
  expect(mesosNamespace(both)).toBe('blue');
  expect(mesosLabels(both)).toEqual({ tier: 'x' });
  expect(mesosNamespace(conf({}))).toBe('');
});

describe('labels that Calico refuses are refused before any work', () => {
  const refusal = (labels: Record<string, string>, args = ''): string => {
    const read = conf(labels);
    const cmd = { containerID: 'c1', ifName: 'eth0' };
    try {
      requireNames(
        identify(read, cmd, readCniArgs(args, { ignoreUnknown: true }), 'n1', ''),
        ['net1'],
        mesosLabels(read),
      );
      return 'taken';
    } catch (thrown) {
      return String(thrown);
    }
  };
  const LONG = 'a'.repeat(64);

  test.each([
    [{ tier: LONG }, `error with field Metadata.Labels (value) = '${LONG}' (must be no more than 63 characters)`],
    [
      { [LONG]: 'x' },
      `error with field Metadata.Labels (label) = '${LONG}' (name part must be no more than 63 characters)`,
    ],
    [{ '--': 'x' }, "error with field Metadata.Labels (label) = '' (name part must be non-empty)"],
    [{ é: 'x' }, "error with field Metadata.Labels (label) = '' (name part must be non-empty)"],
    [
      { _x: 'y' },
      "error with field Metadata.Labels (label) = '_x' (name part must begin and end with a letter or digit",
    ],
    [
      { x: 'y_' },
      "error with field Metadata.Labels (value) = 'y_' (must be empty, or begin and end with a letter or digit",
    ],
    [{ 'projectcalico.org/namespace': 'a/b' }, "error with field Metadata.Labels (value) = 'a/b' (must be empty, or"],
  ])('%j', (labels, message) => {
    expect(refusal(labels)).toContain(message);
  });

  test('all faults are reported together', () => {
    expect(refusal({ tier: LONG, _x: 'y' })).toMatch(
      /error with the following fields:\n- {2}Metadata\.Labels \(value\).*\n- {2}Metadata\.Labels \(label\)/,
    );
  });

  test('the namespace in CNI_ARGS is a label too', () => {
    expect(refusal({}, `CNI_TEST_NAMESPACE=${LONG}`)).toContain(`Metadata.Labels (value) = '${LONG}'`);
  });

  test.each([[{ tier: 'a'.repeat(63) }], [{ tier: '' }], [{ 'a/b': 'c d' }]])('%j is accepted', (labels) => {
    expect(refusal(labels)).toBe('taken');
  });
});
