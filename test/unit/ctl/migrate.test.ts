import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { EXPORTED_KINDS, endLine, exportLine, headLine, readHead, readLine } from '../../../ctl/migrate/export-line.ts';
import { exportedFile } from '../../../ctl/migrate/exported-file.ts';
import { importObjects, locked } from '../../../ctl/migrate/import-plan.ts';
import { importText } from '../../../ctl/migrate/import-text.ts';
import { openView } from '../../../shared/datastore/known-view.ts';
import type { Entry } from '../../../shared/datastore/query.ts';
import { get } from '../../../shared/datastore/query.ts';
import {
  affinityRef,
  blockRef,
  CLUSTER_INFORMATION,
  handleRef,
  nodeRef,
  poolRef,
  type Ref,
} from '../../../shared/datastore/ref.ts';
import { failure } from '../../../shared/error/failure.ts';
import { network } from '../../../shared/net/cidr.ts';

const CIDR = network(4, 0x0a000000n, 26);

describe('an exported line', () => {
  test.each<[Ref, string]>([
    [blockRef(CIDR), '{"cidr":"10.0.0.0/26","sequenceNumber":1795828861775729166}'],
    [affinityRef('node1', CIDR), '{"state":"confirmed","deleted":false}'],
    [{ kind: 'affinity', type: 'virtual', node: 'load-balancer', cidr: CIDR }, '{}'],
    [handleRef('net1.abc'), '{"block":{"10.0.0.0/26":1},"deleted":false}'],
    [{ kind: 'ipamConfig' }, '{"strict_affinity":true}'],
    [{ kind: 'NetworkPolicy', namespace: 'prod', name: 'let-in' }, '{"kind":"NetworkPolicy","spec":{}}'],
  ])('of object %# is read back as it was, integers exact', (ref, value) => {
    expect(readLine('f', exportLine({ ref, value }).trimEnd(), 2)).toEqual({ ref, value });
  });

  test.each(['', 'nonsense', '{"ref":"Handle(a)"}', '{"ref":"Handle(a)","value":7}', '{"ref":"x","value":{}}'])(
    '%j is refused with its number',
    (line) => {
      expect(() => readLine('f.jsonl', line, 7)).toThrow('f.jsonl: line 7 is not an exported object');
    },
  );

  test('of another file is refused at its head', () => {
    const head = { version: '1', clusterGUID: 'g', revision: '9' };
    expect(readHead('f', headLine(head).trimEnd())).toEqual(head);
    expect(() => readHead('f', '{}')).toThrow('f is not an exported datastore');
  });
});

test('what others refer to is written before them', () => {
  const place = (kind: (typeof EXPORTED_KINDS)[number]) => EXPORTED_KINDS.indexOf(kind);
  const order = [
    'ClusterInformation',
    'Tier',
    'NetworkPolicy',
    'affinity',
    'block',
    'handle',
    'WorkloadEndpoint',
  ] as const;
  expect(order.map(place)).toEqual(order.map(place).toSorted((one, other) => one - other));
  expect(EXPORTED_KINDS).not.toContain('BlockAffinity');
  expect(new Set(EXPORTED_KINDS).size).toBe(EXPORTED_KINDS.length);
});

test('the cluster stays locked', () => {
  const { value } = locked({ ref: CLUSTER_INFORMATION, value: '{"spec":{"clusterGUID":"g","datastoreReady":true}}' });
  expect(JSON.parse(value)).toEqual({ spec: { clusterGUID: 'g', datastoreReady: false } });
});

describe('an import', () => {
  const objects = [
    { ref: poolRef('same'), value: '{"spec":{"a":1}}' },
    { ref: poolRef('other'), value: '{"spec":{"a":2}}' },
    { ref: nodeRef('node9'), value: '{"spec":{}}' },
  ];
  const stored: readonly Entry[] = [{ ref: poolRef('same'), at: 'same', value: '{"spec":{"a":1}}', version: '1' }];

  function outcome(refusal?: () => unknown) {
    const view = openView();
    for (const { ref } of objects) {
      const entries = stored.filter((entry) => 'name' in entry.ref && 'name' in ref && entry.ref.name === ref.name);
      view.learn(get(ref), { entries, refs: [] });
    }
    const plan = importObjects(objects, refusal);
    plan.next(view);
    const step = plan.next(view);
    if (!step.done) throw new Error('the plan reads more');
    return step.value;
  }

  test('writes what differs, and nothing else', () => {
    const { changes, answer } = outcome();
    expect(changes.map(({ ref }) => ref)).toEqual([poolRef('other'), nodeRef('node9')]);
    expect(answer).toEqual({ written: 2, unchanged: 1, leftOut: [] });
  });

  test('leaves out, and names, what the datastore computes itself', () => {
    const { changes, answer } = outcome(() => failure('operation Create is not supported on Node(node9)'));
    expect(changes.map(({ ref }) => ref)).toEqual([poolRef('other')]);
    expect(importText(answer)).toBe(
      'Imported 1 object; 1 were there already.\n' +
        'Left out, because this datastore computes Node itself: 1\n' +
        '  Node(node9): operation Create is not supported on Node(node9)\n',
    );
  });
});

describe('an exported file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'exported-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const fileOf = (name: string, bytes: string | Uint8Array) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const heading = headLine({ version: 'v1', clusterGUID: 'g', revision: '7' });
  const lineOf = (name: string, text: string) => exportLine({ ref: poolRef(name), value: JSON.stringify({ text }) });

  test('is read line by line, however long a line is, and whatever ends it', () => {
    const long = 'ä'.repeat(100_001);
    const text = `${heading}${lineOf('a', long).trimEnd()}\r\n${lineOf('b', 'x')}${endLine(2).trimEnd()}`;
    const heads: unknown[] = [];
    const objects = [...exportedFile(fileOf('long', text), (head) => heads.push(head))];
    expect(heads).toEqual([{ version: 'v1', clusterGUID: 'g', revision: '7' }]);
    expect(objects.map(({ value }) => JSON.parse(value))).toEqual([{ text: long }, { text: 'x' }]);
  });

  test('is refused, with its name, if it is empty, cut off, or cannot be read', () => {
    const read = (file: string) => [...exportedFile(file, () => {})];
    expect(() => read(fileOf('empty', ''))).toThrow(/empty is not an exported datastore/);
    expect(() => read(fileOf('cut', `${heading}${lineOf('a', 'x').slice(0, 20)}`))).toThrow(/cut: line 2 is not an/);
    const whole = `${heading}${lineOf('a', 'x')}${lineOf('b', 'x')}`;
    expect(() => read(fileOf('interrupted', whole))).toThrow(/interrupted is incomplete/);
    expect(() => read(fileOf('shorter', `${whole}${endLine(3)}`))).toThrow(/shorter: line 4 is not an/);
    expect(() => read(fileOf('longer', `${whole}${endLine(2)}${lineOf('c', 'x')}`))).toThrow(/longer is incomplete/);
    expect(() => read(join(folder, 'none'))).toThrow(/^cannot read .*none/);
    expect(() => read(folder)).toThrow(/^cannot read /);
  });
});
