import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { parsePlainYaml } from '../../../shared/kubernetes/plain-yaml.ts';

const KUBECONFIG = `# Written by a program.
apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: LS0tLS1CRUdJTg==
    server: https://10.96.0.1:443

  name: local
contexts:
  - context:
      cluster: local
      user: ""
    name: a@b
current-context: a@b
preferences: {}
users:
- name: calico
  user:
    exec:
      args:
      - --cluster=x
      - get-token
      - "a b"
      env: []
    insecure: true
    token: 'eyJ.x_y-z'
`;

describe('YAML that programs write', () => {
  test('is parsed like the library does', () => {
    const text = KUBECONFIG.replace('- --cluster=x\n', '- "--cluster=x"\n');
    expect(parsePlainYaml(text)).toEqual(parse(text));
    expect(parsePlainYaml(`---\n${text}`)).toEqual(parse(text));
    expect(parsePlainYaml(text.replaceAll('\n', '\r\n'))).toEqual(parse(text));
  });

  test.each([
    'a: [1]',
    'a: {b: c}',
    'a: 1',
    'a: 1.5e3',
    'a: 0x1f',
    'a: null',
    'a: ~',
    'a:',
    'a: True',
    'a: |\n  b',
    'a: >-\n  b',
    'a: b\n  c',
    'a: &x b',
    'a: !!str b',
    'a: "\\n"',
    "a: 'it''s'",
    'a: b # c',
    'a: b: c',
    'a: b\na: c',
    'a:\n\tb: c',
    '- a\nb: c',
    'a:\n   b: c\n  d: e',
    'a: .inf',
    '? a\n: b',
    'a: b\n...\n',
    '- - a',
    '',
  ])('%j is left to the library', (text) => {
    expect(parsePlainYaml(text)).toBeUndefined();
  });
});

test('whatever this parser accepts, the library parses to the same value', () => {
  const word = fc.oneof(
    fc.stringMatching(/^[\w./:@ #'"{}[\]&*!|>%,~=+-]{0,8}$/),
    fc.constantFrom('true', 'no', 'null', '1', 'x', '""', '{}', '[]', 'a: b', '- a', 'https://h:1'),
  );
  const line = fc.record({
    indent: fc.constantFrom('', '  ', '    ', ' '),
    dash: fc.constantFrom('', '- '),
    key: fc.constantFrom('', 'a: ', 'b:', 'c-d: '),
    word,
  });
  let compared = 0;
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const text = lines.map(({ indent, dash, key, word: value }) => indent + dash + key + value).join('\n');
      const ours = parsePlainYaml(text);
      if (ours === undefined) return;
      compared++;
      expect(ours).toEqual(parse(text));
    }),
    { numRuns: 5_000 },
  );
  expect(compared).toBeGreaterThan(100);
});

test('a kubeconfig written by the library is parsed by this parser', () => {
  const name = fc
    .stringMatching(/^[a-z][a-z0-9.-]{0,10}[a-z]$/)
    .filter((text) => !/^(?:true|false|null|yes|no|on|off)$/.test(text));
  const kubeconfig = fc.record({
    'current-context': name,
    clusters: fc.array(
      fc.record({ name, cluster: fc.record({ server: name.map((host) => `https://${host}:6443`) }) }),
      { minLength: 1 },
    ),
  });
  fc.assert(
    fc.property(kubeconfig, (config) => {
      expect(parsePlainYaml(stringify(config))).toEqual(config);
    }),
  );
});
