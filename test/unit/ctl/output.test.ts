import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KINDS, kindNamed } from '../../../ctl/resource/kinds.ts';
import { formatOf, formatted } from '../../../ctl/resource/output.ts';
import type { AnyResource, Fields } from '../../../ctl/resource/resource.ts';
import { columns, grid } from '../../../ctl/table.ts';

const AROUND = { asNumber: '64512' };

function shown(kindName: string, specs: readonly Fields[], output: string): string {
  const kind = kindNamed(kindName);
  if (kind === undefined) throw new Error(`no kind ${kindName}`);
  const resources = specs.map((spec, at) => ({
    kind: kindName,
    apiVersion: 'projectcalico.org/v3',
    metadata: { name: `r${at}` },
    spec,
  }));
  return formatted([{ kind, resources, revision: 7 }], formatOf(output), AROUND, false);
}

describe('tables', () => {
  test('have columns three blanks apart, none narrower than five, as calicoctl writes them', () => {
    expect(
      columns([
        ['A', 'LONGER'],
        ['x', 'y'],
      ]),
    ).toBe('A    LONGER   \nx    y        \n');
  });

  test('of use have a centred head and numbers to the right', () => {
    expect(
      grid(
        ['CIDR', 'TOTAL'],
        [
          ['10.0.0.0/26', '64'],
          ['x', '5 (8%)'],
        ],
      ),
    ).toBe(
      [
        '+-------------+--------+',
        '|     CIDR    |  TOTAL |',
        '+-------------+--------+',
        '| 10.0.0.0/26 |     64 |',
        '| x           | 5 (8%) |',
        '+-------------+--------+',
        '',
      ].join('\n'),
    );
  });

  test.each<[string, Fields, string]>([
    ['Node', { bgp: { asNumber: 64513, ipv4Address: '10.0.0.1/24' } }, 'r0     64513   10.0.0.1/24          '],
    ['Node', { bgp: {} }, 'r0     (64512)                 '],
    ['Node', {}, 'r0'.padEnd(27)],
    [
      'IPReservation',
      { reservedCIDRs: Array(9).fill('10.10.10.0/24') },
      `r0     ${'10.10.10.0/24,'.repeat(5)}10.10.1...   `,
    ],
    ['ClusterInformation', {}, `${'r0'.padEnd(51)}${'<nil>'.padEnd(17)}`],
  ])('show %s %j', (kind, spec, line) => {
    expect(shown(kind, [spec], 'wide').split('\n')[1]).toBe(line);
  });
});

describe('other formats', () => {
  test('several things that were asked for are an array, one is itself', () => {
    const kind = kindNamed('Node');
    if (kind === undefined) throw new Error('no nodes');
    const resource: AnyResource = { kind: 'Node', apiVersion: 'v3', metadata: { name: 'n' } };
    const found = { kind, resource };
    expect(JSON.parse(formatted([found], formatOf('json'), AROUND, false))).toEqual(resource);
    expect(JSON.parse(formatted([found, found], formatOf('json'), AROUND, false))).toEqual([resource, resource]);
    expect(formatted([found, found], formatOf('name'), AROUND, false)).toBe('node/n\nnode/n\n');
  });

  test('a list says what of, and at which revision', () => {
    expect(shown('Node', [{}], 'yaml')).toBe(
      'apiVersion: projectcalico.org/v3\nitems:\n- apiVersion: projectcalico.org/v3\n  kind: Node\n  metadata:\n    name: r0\n  spec: {}\nkind: NodeList\nmetadata:\n  resourceVersion: "7"\n',
    );
  });

  test('texts that YAML 1.1 takes for something else are quoted', () => {
    expect(shown('Tier', [{ a: 'yes', b: '1', c: '2026-01-01', d: 'null', e: 'x: y' }], 'yaml')).toContain(
      'a: "yes"\n    b: "1"\n    c: "2026-01-01"\n    d: "null"\n    e: "x: y"\n',
    );
  });

  test.each(['bogus', 'custom-columns=', 'go-template={{.}}', ''])('%j is none', (text) => {
    expect(() => formatOf(text)).toThrow();
  });
});

test('whatever is stored, tables can be made of it', () => {
  const spec = fc.dictionary(
    fc.constantFrom('cidr', 'bgp', 'ipNetworks', 'labelsToApply', 'node', 'reservedCIDRs'),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(fc.constantFrom(...KINDS.map(({ name }) => name)), spec, (name, given) => {
      expect(shown(name, [given], 'wide')).toMatch(/^[A-Z]/);
    }),
  );
});
