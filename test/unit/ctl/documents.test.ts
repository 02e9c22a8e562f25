import { describe, expect, test } from 'vitest';
import { placed } from '../../../ctl/commands/place.ts';
import { resourcesOf } from '../../../ctl/documents/documents.ts';
import { formatJson } from '../../../ctl/text/json.ts';
import { exactText } from '../../../ctl/text/utf8.ts';
import { formatYaml, parseDocuments, parseWritten } from '../../../ctl/text/yaml.ts';
import { latin1, utf8 } from '../../../shared/bytes/text.ts';
import { toCniError } from '../../../shared/cni/cni-error.ts';

const HEAD = 'apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: p1}\n';
const read = (text: string) => resourcesOf(parseWritten('pools.yaml', text));

function refusal(text: string): { message: string; details: string | undefined } {
  try {
    read(text);
  } catch (thrown) {
    const { message, details } = toCniError(thrown);
    return { message, details };
  }
  throw new Error('it was taken');
}

describe('resources are read', () => {
  test('from several documents, empty ones between them', () => {
    const found = read(`---\n${HEAD}---\n# nothing\n---\n${HEAD.replace('p1', 'p2')}`);
    expect(found.map(({ kind, resource }) => [kind.name, resource.metadata.name])).toEqual([
      ['IPPool', 'p1'],
      ['IPPool', 'p2'],
    ]);
  });

  test('from JSON, arrays and lists as get prints them', () => {
    const one = { apiVersion: 'projectcalico.org/v3', kind: 'Node', metadata: { name: 'n1' }, spec: {} };
    const list = {
      apiVersion: 'projectcalico.org/v3',
      kind: 'NodeList',
      metadata: {},
      items: [{ metadata: { name: 'n2' } }],
    };
    const found = read(JSON.stringify([one, list]));
    expect(found.map(({ kind, resource }) => `${kind.name} ${resource.metadata.name}`)).toEqual(['Node n1', 'Node n2']);
  });

  test.each([
    ['7', '7'],
    ['true', 'true'],
    ['12345678901234567890', '12345678901234567890'],
    ['"yes"', 'yes'],
    ['"1.10"', '1.10'],
    ["'!x'", '!x'],
  ])('with the name %s as the string %s', (written, name) => {
    expect(read(HEAD.replace('p1', written))[0]?.resource.metadata.name).toBe(name);
  });

  test('with the keys of maps as strings', () => {
    const [found] = read(HEAD.replace('p1', 'p1, labels: {on: a, true: c, 7: d}'));
    expect(found?.resource.metadata.labels).toEqual({ on: 'a', true: 'c', 7: 'd' });
  });

  test('with exact numbers beyond 2^53', () => {
    const [found] = read(`${HEAD}spec: {a: 12345678901234567890, b: 1.5, c: 9007199254740991}\n`);
    expect(found?.resource.spec).toEqual({ a: 12345678901234567890n, b: 1.5, c: 9007199254740991 });
    expect(formatYaml(found?.resource.spec)).toBe('a: 12345678901234567890\nb: 1.5\nc: 9007199254740991\n');
    expect(formatJson({ a: [12345678901234567890n], e: [], o: {} })).toBe(
      '{\n  "a": [\n    12345678901234567890\n  ],\n  "e": [],\n  "o": {}\n}',
    );
  });
});

describe('null in a document', () => {
  test.each(['namespace:', 'namespace: ~', 'labels:', 'annotations: ~', 'uid: null', ''])(
    'is as good as missing: %j',
    (line) => {
      const [given] = read(`${HEAD.replace('{name: p1}', `\n  name: p1\n  ${line}`)}`);
      if (given === undefined) throw new Error('nothing was read');
      const where = { namespace: undefined, everywhere: false };
      expect(placed(given.kind, given.resource.metadata, where)).toEqual({ name: 'p1' });
    },
  );

  test('as a namespace means the default namespace', () => {
    const text = 'apiVersion: projectcalico.org/v3\nkind: NetworkSet\nmetadata: {name: s, namespace: }\n';
    const [given] = read(text);
    if (given === undefined) throw new Error('nothing was read');
    const where = { namespace: undefined, everywhere: false };
    expect(placed(given.kind, given.resource.metadata, where)).toEqual({ name: 's', namespace: 'default' });
  });
});

const tagged = (line: number): string =>
  `error parsing pools.yaml: line ${line}: an unquoted ! starts a YAML tag and the value would be lost: quote it`;
const UNQUOTED = 'YAML parsers disagree on this unquoted value: quote it';

test.each(['!!binary eA==', '!!timestamp 2020-01-01', '!!set {a}', '!!omap [a: b]', '!!pairs [a: b]'])(
  'the tag in %j is refused, with what to do',
  (value) => {
    const tag = value.split(' ')[0];
    expect(refusal(`${HEAD}spec:\n  cidr: ${value}\n`).message).toBe(
      `error parsing pools.yaml: line 5: the YAML tag ${tag} is not supported: write the value without it`,
    );
  },
);

test('tags that say what the value is anyway are taken', () => {
  const [found] = read(`${HEAD}spec: {a: !!str 7, b: !!int 7, c: !!map {d: e}, f: !!seq [g]}\n`);
  expect(found?.resource.spec).toEqual({ a: '7', b: 7, c: { d: 'e' }, f: ['g'] });
});

test("merge keys are merged, as Go's readers do", () => {
  const [found] = read(`${HEAD}spec:\n  a: &a {b: 1, c: "2"}\n  d: {<<: *a, c: "3"}\n  e:\n    <<: [*a, {f: g}]\n`);
  expect(found?.resource.spec).toEqual({ a: { b: 1, c: '2' }, d: { b: 1, c: '3' }, e: { b: 1, c: '2', f: 'g' } });
});

test('bytes that are not UTF-8 are refused with their line; U+FFFD itself is taken', () => {
  expect(() => exactText('a.yaml', latin1('a: b\nc: h\u00e9\n'))).toThrow(
    'error parsing a.yaml: line 2 is not in UTF-8',
  );
  expect(() => exactText('a.yaml', latin1('\u00ff\u00fea\0'))).toThrow('error parsing a.yaml: line 1 is not in UTF-8');
  expect(() => exactText('a.yaml', utf8('a: é').subarray(0, 4))).toThrow(
    'error parsing a.yaml: line 1 is not in UTF-8',
  );
  expect(exactText('a.yaml', utf8('a: \ufffdé'))).toBe('a: \ufffdé');
});

test('an unknown tag is refused without quoting its text', () => {
  expect(() => parseDocuments('calicoctl.cfg', 'spec:\n  etcdPassword: !secret\n')).toThrow(
    /^error parsing calicoctl\.cfg: line 2: (?!.*secret)/,
  );
  expect(parseDocuments('calicoctl.cfg', 'a: yes\nb: 0x10\n')).toEqual([{ a: 'yes', b: 16 }]);
});

describe('refused are', () => {
  test.each([
    [
      'apiVersion: projectcalico.org/v3\nkind: Pool\n',
      'Unknown resource type (Pool) and/or version (projectcalico.org/v3)',
    ],
    [
      'kind: IPPool\napiVersion: crd.projectcalico.org/v1\n',
      'Unknown resource type (IPPool) and/or version (crd.projectcalico.org/v1)',
    ],
    ['yes', 'a resource must be an object with apiVersion, kind, metadata and spec'],
    ['just text', 'a resource must be an object with apiVersion, kind, metadata and spec'],
    [`${HEAD}spec: {a: 1, a: 2}\n`, 'error parsing pools.yaml: Map keys must be unique at line 4, column 14:'],
    ['{"a":', 'error parsing pools.yaml: '],
    ['a: &a [*a]', 'error parsing pools.yaml: '],
    [`${HEAD}spec: {a: .inf}`, 'error parsing pools.yaml: Infinity cannot be stored as a number'],
    [`${HEAD}spec: {nodeSelector: !has(gpu)}`, tagged(4)],
    [`${HEAD}spec:\n  nodeSelector: !has(gpu) && all()`, tagged(5)],
    [`${HEAD}spec:\n  uses: [a, !b {c: 1}]`, tagged(5)],
    [HEAD.replace('p1', '!x'), tagged(3)],
    [HEAD.replace('{name: p1}', 'yes'), "error with field metadata = 'yes' (must be an object)"],
    [HEAD.replace('p1', 'p1, labels: on'), "error with field metadata.labels = 'on' (must be an object)"],
    [HEAD.replace('p1', 'p1, labels: {gpu: yes}'), `error with field metadata.labels.gpu = 'yes' (${UNQUOTED}, "yes")`],
    [HEAD.replace('p1', 'yes'), `error with field metadata.name = 'yes' (${UNQUOTED}, "yes")`],
    [HEAD.replace('p1', '1.10'), `error with field metadata.name = '1.10' (${UNQUOTED}, "1.10")`],
    [HEAD.replace('p1', '0x10'), `error with field metadata.name = '0x10' (${UNQUOTED}, "0x10")`],
  ])('%j', (text, message) => {
    expect(refusal(text).message.startsWith(message)).toBe(true);
  });

  test.each([['['.repeat(5_000)], ['{a: '.repeat(5_000)]])('deep nesting, with a message', (text) => {
    expect(refusal(text).message).toBe('error parsing pools.yaml: nested too deeply');
  });

  test('v1 documents, with the v3 text to use instead', () => {
    const v1 =
      'apiVersion: v1\nkind: ipPool\nmetadata:\n  cidr: 10.1.0.0/16\nspec:\n  ipip: {enabled: true, mode: cross-subnet}\n  nat-outgoing: true\n';
    const { message, details } = refusal(v1);
    expect(message).toBe('Unknown resource type (ipPool) and/or version (v1)');
    const text = (details ?? '').split('\n').slice(1).join('\n');
    expect(read(text)[0]?.resource).toEqual({
      apiVersion: 'projectcalico.org/v3',
      kind: 'IPPool',
      metadata: { name: '10-1-0-0-16' },
      spec: { cidr: '10.1.0.0/16', ipipMode: 'CrossSubnet', natOutgoing: true },
    });
  });

  test.each([
    ['policy', 'GlobalNetworkPolicy'],
    ['Policy', 'GlobalNetworkPolicy'],
    ['bgpPeer', 'BGPPeer'],
    ['hostEndpoint', 'HostEndpoint'],
    ['profile', 'Profile'],
    ['workloadEndpoint', 'WorkloadEndpoint'],
    ['constructor', 'KIND'],
  ])('v1 documents of kind %s, with %s in its place', (was, is) => {
    const { details } = refusal(`apiVersion: v1\nkind: ${was}\nmetadata: {name: x}\n`);
    expect(details).toContain(`\n    kind: ${is}\n`);
  });

  test('v1 documents of other kinds, with the head', () => {
    expect(refusal('apiVersion: v1\nkind: node\nmetadata: {name: Node_1}\n').details).toContain(
      'kind: Node\n    metadata:\n      name: node-1',
    );
  });
});
