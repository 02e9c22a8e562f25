import { describe, expect, test } from 'vitest';
import { readKubeconfig } from '../../../shared/kubernetes/kubeconfig.ts';
import { readNamespace, readNode, readPod } from '../../../shared/kubernetes/objects.ts';
import { membersOf, replacedAt, shown } from '../../support/inputs/json-paths.ts';
import { valueOrFailure } from '../../support/inputs/outcome.ts';

const POD = {
  metadata: { name: 'p', generateName: 'p-', labels: { a: 'b' }, annotations: { c: 'd' } },
  spec: {
    serviceAccountName: 's',
    containers: [
      { name: 'x', ports: [{ name: 'http', protocol: 'TCP', containerPort: 80, hostPort: 81, hostIP: '1.1.1.1' }] },
    ],
    initContainers: [{ name: 'y', ports: [{ containerPort: 1 }] }],
  },
  status: {},
};
const NODE = { metadata: { name: 'n' }, spec: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] } };
const KUBECONFIG = {
  'current-context': 'c',
  contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
  clusters: [
    {
      name: 'k',
      cluster: {
        server: 'https://x',
        'certificate-authority': 'a',
        'certificate-authority-data': 'YQ==',
        'tls-server-name': 't',
        'insecure-skip-tls-verify': true,
      },
    },
  ],
  users: [
    {
      name: 'u',
      user: {
        token: 't',
        tokenFile: 'f',
        username: 'a',
        password: 'b',
        'client-certificate-data': 'YQ==',
        'client-key': 'k',
        exec: {
          command: './x',
          args: ['a'],
          env: [{ name: 'A', value: 'b' }],
          apiVersion: 'v',
          installHint: 'h',
          provideClusterInfo: true,
        },
      },
    },
  ],
};

const CASES = [
  ['Pod', POD, readPod],
  ['Namespace', POD, readNamespace],
  ['Node', NODE, readNode],
  ['kubeconfig', KUBECONFIG, (json: unknown) => readKubeconfig([{ json, path: '/k/config' }])],
] as const;

describe.each(CASES)('%s', (_, full, read: (json: unknown) => unknown) => {
  /** A null label exists and is empty. */
  const members = membersOf(full).filter((path) => !/\.(?:labels|annotations)\./.test(shown(path)));

  test.each(members.map((path) => [shown(path), path] as const))(
    '%s null is equivalent to absent, and any wrong type gives a readable error',
    (__, path) => {
      expect(valueOrFailure(() => read(replacedAt(full, path, null)))).toEqual(
        valueOrFailure(() => read(replacedAt(full, path, undefined))),
      );
      for (const wrong of [true, 7, 'x', [7], [[]], { x: [] }, [null], { x: null }])
        valueOrFailure(() => read(replacedAt(full, path, wrong)));
    },
  );

  test('null as a whole is an empty one', () => {
    expect(valueOrFailure(() => read(null))).toEqual(valueOrFailure(() => read({})));
  });
});

test('a null label or annotation is empty, and one of another type is rejected by its path', () => {
  expect(readPod({ metadata: { labels: { a: null }, annotations: { b: null } } })).toMatchObject({
    labels: { a: '' },
    annotations: { b: '' },
  });
  expect(() => readPod({ metadata: { labels: { a: 7 } } })).toThrow(
    'number into Go struct field object.metadata.labels.a of type string',
  );
});

test('a node’s networks may contain null', () => {
  expect(readNode({ spec: { podCIDRs: [null, '10.0.0.0/24'] } }).podCIDRs).toEqual(['', '10.0.0.0/24']);
});
