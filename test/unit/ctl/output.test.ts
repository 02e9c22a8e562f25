import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatOf, isTable } from '../../../ctl/commands/output.ts';
import { rowsOf, rowTexts } from '../../../ctl/commands/rows.ts';
import { listText, valuesText } from '../../../ctl/commands/values.ts';
import type { Kind } from '../../../ctl/kinds/kind.ts';
import { KINDS, kindNamed } from '../../../ctl/kinds/kinds.ts';
import type { AnyResource, Fields } from '../../../ctl/resource/resource.ts';
import { packedText, packRows } from '../../../ctl/text/packed-rows.ts';
import { columns, grid, longest, widthsOf } from '../../../ctl/text/table.ts';

const known = (name: string): Kind => {
  const kind = kindNamed(name);
  if (kind === undefined) throw new Error(`no kind ${name}`);
  return kind;
};

const resourcesOf = (kind: string, specs: readonly Fields[]): readonly AnyResource[] =>
  specs.map((spec, at) => ({ kind, apiVersion: 'projectcalico.org/v3', metadata: { name: `r${at}` }, spec }));

/** A list of a kind in the output format, read in pages of so many. */
function shown(kindName: string, specs: readonly Fields[], output: string, size = 500): string {
  const kind = known(kindName);
  const resources = resourcesOf(kindName, specs);
  const pages = resources.flatMap((_, at) => (at % size === 0 ? [resources.slice(at, at + size)] : []));
  const format = formatOf(output);
  const look = { format, withNamespace: false };
  if (!isTable(format)) return inPages(kind, pages, output === 'json' ? 'json' : 'yaml');
  const found = [...pages, []].map((page) => rowsOf(kind, page, look, { asNumber: '64512' }));
  return [...rowTexts(found, look)].join('');
}

function inPages(kind: Kind, pages: readonly (readonly AnyResource[])[], style: 'json' | 'yaml'): string {
  const text = listText(style);
  const texts = [...pages, []].map((resources) => text.page({ kind, resources, version: '7' }));
  return [...texts, text.end()].join('');
}

describe('tables', () => {
  test('have columns separated by three spaces, at least five wide, as calicoctl prints them', () => {
    expect(
      columns([
        ['A', 'LONGER'],
        ['x', 'y'],
      ]),
    ).toBe('A    LONGER   \nx    y        \n');
  });

  test('of utilization have a centred head and right-aligned numbers', () => {
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
    ['Tier', { order: 1_000_000 }, 'r0     1e+06   '],
    ['Tier', { order: 100.5 }, 'r0     100.5   '],
    ['Tier', {}, 'r0     <nil>   '],
  ])('show %s %j', (kind, spec, line) => {
    expect(shown(kind, [spec], 'wide').split('\n')[1]).toBe(line);
  });
});

describe('get -o wide has the original’s columns:', () => {
  test.each<[string, Fields, string]>([
    [
      'IPPool',
      { cidr: '10.0.0.0/8', assignmentMode: 'Manual' },
      'NAME CIDR NAT IPIPMODE VXLANMODE DISABLED DISABLEBGPEXPORT SELECTOR ASSIGNMENTMODE | r0 10.0.0.0/8 false Never Never false false all() Manual',
    ],
    [
      'BGPPeer',
      { peerIP: '10.0.0.1', asNumber: 64_512, nodeSelector: 'has(rack)' },
      'NAME PEERIP NODE ASN | r0 10.0.0.1 has(rack) 64512',
    ],
    ['BGPPeer', { peerIP: '10.0.0.1', node: 'n1' }, 'NAME PEERIP NODE ASN | r0 10.0.0.1 n1 0'],
    ['BGPPeer', { peerIP: '10.0.0.1' }, 'NAME PEERIP NODE ASN | r0 10.0.0.1 (global) 0'],
    [
      'BGPConfiguration',
      { logSeverityScreen: 'Info', nodeToNodeMeshEnabled: false },
      'NAME LOGSEVERITY MESHENABLED ASNUMBER | r0 Info false -',
    ],
    [
      'GlobalNetworkPolicy',
      { tier: 'default', order: 10, selector: 'all()' },
      'NAME TIER ORDER SELECTOR | r0 default 10 all()',
    ],
    ['NetworkPolicy', { tier: 'sec' }, 'NAME TIER ORDER SELECTOR | r0 sec <nil>'],
    [
      'HostEndpoint',
      { node: 'n1', interfaceName: 'eth0', expectedIPs: ['10.0.0.1', '10.0.0.2'], profiles: ['p'] },
      'NAME NODE INTERFACE IPS PROFILES | r0 n1 eth0 10.0.0.1,10.0.0.2 p',
    ],
    ['GlobalNetworkSet', { nets: ['10.0.0.0/8'] }, 'NAME NETS | r0 10.0.0.0/8'],
  ])('%s %j', (kind, spec, rows) => {
    const words = shown(kind, [spec], 'wide').trimEnd().split('\n');
    expect(words.map((line) => line.trim().split(/ +/).join(' ')).join(' | ')).toBe(rows);
  });
});

describe('other formats', () => {
  test('several requested resources are an array, a single one is itself', () => {
    const [resource] = resourcesOf('Node', [{}]);
    if (resource === undefined) throw new Error('no resource');
    const found = { kind: known('Node'), resource };
    expect(JSON.parse(valuesText([found], 'json'))).toEqual(resource);
    expect(JSON.parse(valuesText([found, found], 'json'))).toEqual([resource, resource]);
    expect(shown('Node', [{}, {}], 'name')).toBe('node/r0\nnode/r1\n');
  });

  test('tables have a head without resources, names do not', () => {
    expect(shown('Node', [], 'ps')).toBe('NAME   \n\n');
    expect(shown('Node', [], 'name')).toBe('');
  });

  test('a list has its kind and revision', () => {
    expect(shown('Node', [{}], 'yaml')).toBe(
      'apiVersion: projectcalico.org/v3\nitems:\n- apiVersion: projectcalico.org/v3\n  kind: Node\n  metadata:\n    name: r0\n  spec: {}\nkind: NodeList\nmetadata:\n  resourceVersion: "7"\n',
    );
  });

  test('texts that YAML 1.1 reads as something else are quoted', () => {
    expect(shown('Tier', [{ a: 'yes', b: '1', c: '2026-01-01', d: 'null', e: 'x: y' }], 'yaml')).toContain(
      'a: "yes"\n    b: "1"\n    c: "2026-01-01"\n    d: "null"\n    e: "x: y"\n',
    );
  });

  test.each(['bogus', 'custom-columns=', 'go-template={{.}}', ''])('%j is none', (text) => {
    expect(() => formatOf(text)).toThrow();
  });
});

const anySpec = fc.dictionary(
  fc.constantFrom('cidr', 'bgp', 'ipNetworks', 'labelsToApply', 'node', 'reservedCIDRs'),
  fc.jsonValue(),
);

test('tables can be made of any stored data', () => {
  fc.assert(
    fc.property(fc.constantFrom(...KINDS.map(({ name }) => name)), anySpec, (name, given) => {
      expect(shown(name, [given], 'wide')).toMatch(/^[A-Z]/);
    }),
  );
});

test('a list has the same text however it is split into pages', () => {
  const style = fc.constantFrom('json', 'yaml', 'wide', 'name', 'custom-columns=NAME,CIDR,NODE');
  fc.assert(
    fc.property(fc.array(anySpec, { maxLength: 5 }), style, fc.integer({ min: 1, max: 3 }), (specs, output, size) => {
      expect(shown('BlockAffinity', specs, output, size)).toBe(shown('BlockAffinity', specs, output));
    }),
  );
});

test('a list read in pages has the text of the list as one value', () => {
  fc.assert(
    fc.property(
      fc.array(anySpec, { maxLength: 4 }),
      fc.constantFrom('json' as const, 'yaml' as const),
      (specs, style) => {
        const resources = resourcesOf('Node', specs);
        const whole = valuesText([{ kind: known('Node'), resources, version: '7' }], style);
        expect(shown('Node', specs, style, 2)).toBe(whole);
      },
    ),
  );
});

test('packed rows are the rows', () => {
  const rows = fc.array(fc.tuple(fc.string(), fc.string({ unit: 'grapheme' })));
  fc.assert(
    fc.property(rows, (given) => {
      const widths = widthsOf(longest([[0, 0], ...given.map((row) => row.map(({ length }) => length))]));
      expect(packedText(packRows(given), widths)).toBe(columns(given));
    }),
  );
});
