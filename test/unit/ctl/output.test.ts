import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatOf, formatted } from '../../../ctl/commands/output.ts';
import { KINDS, kindNamed } from '../../../ctl/kinds/kinds.ts';
import type { AnyResource, Fields } from '../../../ctl/resource/resource.ts';
import { columns, grid } from '../../../ctl/text/table.ts';

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
  return formatted([{ kind, resources, version: '7' }], formatOf(output), AROUND, false);
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
    const kind = kindNamed('Node');
    if (kind === undefined) throw new Error('no nodes');
    const resource: AnyResource = { kind: 'Node', apiVersion: 'v3', metadata: { name: 'n' } };
    const found = { kind, resource };
    expect(JSON.parse(formatted([found], formatOf('json'), AROUND, false))).toEqual(resource);
    expect(JSON.parse(formatted([found, found], formatOf('json'), AROUND, false))).toEqual([resource, resource]);
    expect(formatted([found, found], formatOf('name'), AROUND, false)).toBe('node/n\nnode/n\n');
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

test('tables can be made of any stored data', () => {
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
