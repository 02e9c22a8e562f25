import fc from 'fast-check';
import type { NetworkState } from '../../../node/state/network-state.ts';
import { network } from './network.ts';

/** Anything that may stand where a value is expected. */
const junk = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    '"; } #\n',
    '0',
    '-1',
    '1.2.3.4',
    'fd00::1',
    '10.0.0.0/8',
    'fd00::/8',
    'all()',
    'reject; }',
    '65000:1',
    '1:2:3',
  ),
  fc.integer({ min: -2, max: 2 ** 33 }),
  fc.double(),
  fc.constantFrom(null, true, [], {}),
);

const orJunk = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<unknown> => fc.oneof({ weight: 4, arbitrary: value }, junk);
const record = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  fc.record(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, orJunk(value)])), {
    requiredKeys: [],
  });
const some = <T>(value: fc.Arbitrary<T>) => fc.array(orJunk(value), { maxLength: 3 });
const asNumber = fc.constantFrom<unknown>(64_512, 65_000, '1.10', 4_294_967_295, 0);
const cidr = fc.constantFrom('10.65.0.0/16', '10.65.3.7/26', 'fd65::/48', '0.0.0.0/0', '::/0', '192.0.2.1/32');
const community = fc.constantFrom('65000:1', '65535:65535', '4200000000:1:2', '65536:1', 'named');
const secret = record({ secretKeyRef: record({ name: fc.constant('s'), key: fc.constantFrom('k', 'odd') }) });
const duration = fc.constantFrom('0s', '1.4s', '2m0s', '300h');
const name = fc.oneof(fc.constantFrom('f', 'g.h', 'x'.repeat(60)), fc.string({ unit: 'binary', maxLength: 12 }));

const peer = record({
  node: fc.constant('node1'),
  nodeSelector: fc.constantFrom('all()', "a == 'b'"),
  peerIP: fc.constantFrom('10.0.0.254', '10.0.0.2', '10.0.0.254:179', '[fd00::fe]:178', 'fd00::fe', 'fd00::2'),
  peerSelector: fc.constantFrom('all()', 'has(rr)'),
  asNumber,
  localASNumber: asNumber,
  keepOriginalNextHop: fc.boolean(),
  nextHopMode: fc.constantFrom('Auto', 'Self', 'Keep'),
  sourceAddress: fc.constantFrom('UseNodeIP', 'None'),
  maxRestartTime: duration,
  keepaliveTime: duration,
  numAllowedLocalASNumbers: fc.constantFrom(0, 1, 2 ** 31 - 1),
  ttlSecurity: fc.integer({ min: 0, max: 255 }),
  reachableBy: fc.constantFrom('10.0.0.250', 'fd00::fa'),
  password: secret,
  filters: some(name),
});

const rule = record({
  cidr,
  matchOperator: fc.constantFrom('Equal', 'NotEqual', 'In', 'NotIn'),
  prefixLength: record({ min: fc.integer({ min: 0, max: 128 }), max: fc.integer({ min: 0, max: 128 }) }),
  source: fc.constant('RemotePeers'),
  interface: fc.constantFrom('eth*', 'cali1'),
  peerType: fc.constantFrom('eBGP', 'iBGP'),
  communities: record({ values: some(community) }),
  asPathPrefix: some(asNumber),
  priority: fc.integer({ min: 1, max: 2 ** 31 - 2 }),
  action: fc.constantFrom('Accept', 'Reject'),
  operations: some(
    fc.oneof(
      record({ addCommunity: record({ value: community }) }),
      record({ prependASPath: record({ prefix: some(asNumber) }) }),
      record({ setPriority: record({ value: fc.integer({ min: 1, max: 2 ** 31 - 2 }) }) }),
    ),
  ),
});

const configuration = record({
  logSeverityScreen: fc.constantFrom('Debug', 'Info', 'None'),
  nodeToNodeMeshEnabled: fc.boolean(),
  asNumber,
  listenPort: fc.integer({ min: 1, max: 65_535 }),
  bindMode: fc.constantFrom('None', 'NodeIP'),
  ignoredInterfaces: some(fc.constantFrom('docker0', 'br-*')),
  nodeMeshPassword: secret,
  nodeMeshMaxRestartTime: duration,
  serviceClusterIPs: some(record({ cidr })),
  serviceExternalIPs: some(record({ cidr })),
  serviceLoadBalancerIPs: some(record({ cidr })),
  communities: some(record({ name: fc.constant('named'), value: community })),
  prefixAdvertisements: some(record({ cidr, communities: some(community) })),
});

const dictionary = (keys: fc.Arbitrary<string>, value: fc.Arbitrary<unknown>) =>
  fc.dictionary(keys, value, { maxKeys: 3 }) as fc.Arbitrary<
    Readonly<Record<string, Readonly<Record<string, unknown>>>>
  >;

/** States with specs of which any field may be anything. */
export const chanceStates: fc.Arbitrary<NetworkState> = fc
  .record({
    peers: dictionary(name, peer),
    filters: dictionary(
      name,
      record({ importV4: some(rule), exportV4: some(rule), importV6: some(rule), exportV6: some(rule) }),
    ),
    configurations: dictionary(fc.constantFrom('default', 'node.node1', 'node.node2'), configuration),
    cluster: fc.constantFrom(undefined, '244.0.0.1', 'x"; }'),
    pools: fc.subarray([
      { cidr: '10.65.0.0/16' },
      { cidr: '10.66.0.0/16', vxlanMode: 'CrossSubnet' as const },
      { cidr: '10.67.0.0/16', disableBgpExport: true },
      { cidr: 'fd65::/48', ipipMode: 'Always' as const },
    ]),
  })
  .map(({ cluster, ...rest }) =>
    network({
      ...rest,
      nodes: {
        node1: { ipv4: '10.0.0.1/24', ipv6: 'fd00::1/64', routeReflectorClusterId: cluster, labels: { rr: '' } },
        node2: { ipv4: '10.0.0.2/24', ipv6: 'fd00::2/64' },
        node3: { ipv4: '10.0.0.3/24', asNumber: 65_000, labels: { rr: '', a: 'b' } },
      },
      blocks: { '10.65.0.0/26': 'node1', '10.66.1.1/32': 'node1', 'fd65::/122': 'node1' },
    }),
  );
