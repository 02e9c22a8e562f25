import { describe, expect, test } from 'vitest';
import { storedBlock } from '../../../../node/state/stored-block.ts';
import { storedNode } from '../../../../node/state/stored-node.ts';
import { storedPool } from '../../../../node/state/stored-pool.ts';
import { type SpecKind, storedSpec } from '../../../../node/state/stored-spec.ts';
import type { Entry } from '../../../../shared/datastore/query.ts';
import { blockRef, nodeRef, poolRef, type Ref } from '../../../../shared/datastore/ref.ts';
import { parseCidr } from '../../../../shared/net/cidr.ts';

const entry = (ref: Ref, value: unknown): Entry => ({ ref, at: '/at', value: JSON.stringify(value), version: '1' });
const CIDR = parseCidr('10.10.0.0/29') ?? expect.fail();

describe('a node', () => {
  const node = (spec: unknown, metadata: object = {}) =>
    storedNode('n', entry(nodeRef('n'), { kind: 'Node', metadata: { name: 'n', ...metadata }, spec }));

  test('is read with all that other nodes need', () => {
    const read = node(
      {
        bgp: {
          ipv4Address: '10.0.0.7/24',
          ipv6Address: 'fd00::7/64',
          asNumber: 64_513,
          routeReflectorClusterID: '244.0.0.1',
          ipv4IPIPTunnelAddr: '10.10.0.2',
        },
        ipv4VXLANTunnelAddr: '10.10.0.3',
        vxlanTunnelMACAddr: '66:aa:bb:cc:dd:ee',
      },
      { labels: { rack: 'a' } },
    );
    expect(read).toMatchObject({
      name: 'n',
      labels: { rack: 'a' },
      ipv4: { text: '10.0.0.0/24' },
      ipv4Address: { text: '10.0.0.7' },
      ipv6: { text: 'fd00::/64' },
      ipv6Address: { text: 'fd00::7' },
      asNumber: 64_513,
      routeReflectorClusterId: '244.0.0.1',
      vxlanTunnelIpv4: { text: '10.10.0.3' },
      vxlanTunnelMac: '66:aa:bb:cc:dd:ee',
      vxlanTunnelIpv6: undefined,
      ipipTunnelIpv4: { text: '10.10.0.2' },
    });
  });

  test('without a network length has a network of its own', () => {
    expect(node({ bgp: { ipv4Address: '10.0.0.7' } })).toMatchObject({ ipv4: { text: '10.0.0.7/32' } });
  });

  test('that takes no part in BGP has the address that Kubernetes knows', () => {
    const addresses = [
      { type: 'ExternalIP', address: '1.2.3.4' },
      { type: 'InternalIP', address: 'fd00::9' },
      { type: 'InternalIP', address: '10.0.0.9' },
    ];
    expect(node({ addresses })).toMatchObject({
      ipv4: undefined,
      ipv4Address: { text: '10.0.0.9' },
      ipv6: undefined,
      ipv6Address: { text: 'fd00::9' },
    });
  });

  test.each([
    ['64512', 64_512],
    ['1.10', 65_546],
    [4_294_967_295, 4_294_967_295],
    ['', undefined],
    [undefined, undefined],
  ])('may write its AS number as %j', (asNumber, read) => {
    expect(node({ bgp: { asNumber } }).asNumber).toBe(read);
  });

  test.each([
    [{ bgp: { ipv4Address: 7 } }, /node n is not used: .*ipv4Address.*\(\/at\)/],
    [{ bgp: [] }, /node n is not used/],
    [{ bgp: { asNumber: 'many' } }, /asNumber: not an AS number/],
    [{ bgp: { asNumber: -1 } }, /not an AS number/],
    [{ addresses: {} }, /addresses/],
  ])('of the wrong type is refused: %j', (spec, why) => {
    expect(() => node(spec)).toThrow(why);
  });
});

describe('a pool', () => {
  const pool = (spec: object) =>
    storedPool(
      'p',
      entry(poolRef('p'), { kind: 'IPPool', metadata: { name: 'p' }, spec: { cidr: '10.0.0.0/16', ...spec } }),
    );

  test.each([
    [{}, { vxlanMode: 'Never', ipipMode: 'Never', natOutgoing: false, disableBgpExport: false }],
    [
      { vxlanMode: 'CrossSubnet', natOutgoing: true, disableBGPExport: true },
      { vxlanMode: 'CrossSubnet', natOutgoing: true, disableBgpExport: true },
    ],
    [{ ipipMode: 'Always' }, { ipipMode: 'Always' }],
    // As releases before 3.0 wrote it.
    [
      { ipip: { enabled: true, mode: 'cross-subnet' }, 'nat-outgoing': true },
      { ipipMode: 'CrossSubnet', natOutgoing: true },
    ],
    [{ ipip: { enabled: true } }, { ipipMode: 'Always' }],
    [{ ipip: { enabled: false, mode: 'always' } }, { ipipMode: 'Never' }],
  ])('%j', (spec, read) => {
    expect(pool(spec)).toMatchObject(read);
  });

  test('of the wrong type is refused', () => {
    expect(() => pool({ vxlanMode: true })).toThrow(/IP pool p is not used: .*vxlanMode/);
  });
});

describe('a block', () => {
  const block = (value: object) => storedBlock(CIDR, entry(blockRef(CIDR), value));
  const on = (node?: string) => ({ handle_id: 'h', secondary: node === undefined ? {} : { node } });

  test('is read as its owner and the addresses that other nodes use', () => {
    const read = block({
      affinity: 'host:a',
      allocations: [0, 1, 2, null, 1, null, null, 9],
      attributes: [on('a'), on('b'), on()],
    });
    expect(read.node).toBe('a');
    expect(read.borrowed.map(({ address, node }) => [address.text, node])).toEqual([
      ['10.10.0.1', 'b'],
      ['10.10.0.4', 'b'],
    ]);
  });

  test.each([[null], [undefined], ['virtual:load-balancer']])(
    'of no node (%j) lends all that is in use',
    (affinity) => {
      const read = block({ affinity, allocations: [0, null], attributes: [on('b')] });
      expect([read.node, read.borrowed.length]).toEqual([undefined, 1]);
    },
  );

  test.each([
    [{ affinity: 7, allocations: [], attributes: [] }, /block 10.10.0.0\/29 is not used: affinity/],
    [{ affinity: 'host:a', allocations: {}, attributes: [] }, /allocations is not a list/],
    [{ affinity: 'host:a', allocations: [], attributes: 7 }, /attributes is not a list/],
  ])('of the wrong type is refused: %j', (value, why) => {
    expect(() => block(value)).toThrow(why);
  });

  test('that is no JSON is refused', () => {
    expect(() => storedBlock(CIDR, { ref: blockRef(CIDR), at: '/at', value: '{', version: '1' })).toThrow(/not used/);
  });
});

describe('a spec', () => {
  const spec = (kind: SpecKind, given: unknown) => storedSpec(kind, 'x', entry({ kind, name: 'x' }, { spec: given }));

  test.each([
    ['BGPPeer', { peerIP: '10.0.0.1', asNumber: '64512', keepOriginalNextHop: true, unknown: [1], nodeSelector: null }],
    ['BGPConfiguration', { nodeToNodeMeshEnabled: false, serviceClusterIPs: [{ cidr: '10.96.0.0/12' }] }],
    ['BGPFilter', { exportV4: [{ action: 'Accept', cidr: '10.0.0.0/8', matchOperator: 'In' }] }],
    ['FelixConfiguration', { vxlanVNI: 4096, interfacePrefix: 'cali' }],
  ] as const)('%s is kept as it is stored', (kind, given) => {
    expect(spec(kind, given)).toEqual(given);
  });

  test.each([
    ['BGPPeer', { peerIP: 7 }, 'BGPPeer x is not used: spec.peerIP is not a text (/at)'],
    [
      'BGPPeer',
      { keepOriginalNextHop: 'true' },
      'BGPPeer x is not used: spec.keepOriginalNextHop is not true or false (/at)',
    ],
    ['BGPPeer', { asNumber: {} }, 'BGPPeer x is not used: spec.asNumber is not a text or number (/at)'],
    ['BGPFilter', { exportV4: {} }, 'BGPFilter x is not used: spec.exportV4 is not a list (/at)'],
    ['BGPFilter', { exportV4: [{ cidr: 1 }] }, 'BGPFilter x is not used: spec.exportV4[0].cidr is not a text (/at)'],
    [
      'FelixConfiguration',
      { vxlanVNI: 'many' },
      'FelixConfiguration x is not used: spec.vxlanVNI is not a number (/at)',
    ],
    ['BGPConfiguration', [], 'BGPConfiguration x is not used: spec is not an object (/at)'],
  ] as const)('%s of the wrong type is refused: %j', (kind, given, why) => {
    expect(() => spec(kind, given)).toThrow(why);
  });
});
