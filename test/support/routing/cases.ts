import type { NetworkState, Spec } from '../../../node/state/network-state.ts';
import { network } from './network.ts';

const NODES = {
  node1: { ipv4: '10.0.0.1/24', ipv6: 'fd00::1/64' },
  node2: { ipv4: '10.0.0.2/24', ipv6: 'fd00::2/64' },
  node3: { ipv4: '10.0.1.3/24', ipv6: 'fd00:1::3/64', asNumber: 64_600 },
};
const POOLS = [{ cidr: '10.65.0.0/16' }, { cidr: 'fd65::/48' }];
const BLOCKS = { '10.65.0.0/26': 'node1', '10.65.0.64/26': 'node2', 'fd65::/122': 'node1', '10.65.9.9/32': 'node1' };
const PLAIN = { nodes: NODES, pools: POOLS, blocks: BLOCKS };

/** The passwords that the cases name. */
export const PASSWORDS: ReadonlyMap<string, string> = new Map([
  ['bgp/good', "p'w$ \\ä # ; } //"],
  ['bgp/quote', 'a"; } protocol static { route 1.2.3.4/32 blackhole; } #'],
  ['bgp/line', 'a\n}'],
]);

const secret = (key: string) => ({ password: { secretKeyRef: { name: 'bgp', key } } });
const peer = (spec: Spec, more: Parameters<typeof network>[0] = {}): NetworkState =>
  network({ ...PLAIN, configurations: { default: { nodeToNodeMeshEnabled: false } }, peers: { p: spec }, ...more });
const configured = (spec: Spec): NetworkState => network({ ...PLAIN, configurations: { default: spec } });
const tor = { peerIP: '10.0.0.254', asNumber: 65_000 };
const tor6 = { peerIP: 'fd00::fe', asNumber: 65_000 };

const filtered = (rules: readonly Spec[], name = 'f'): NetworkState =>
  peer(
    { ...tor, filters: [name] },
    { filters: { [name]: { exportV4: rules, importV4: rules, exportV6: rules, importV6: rules } } },
  );

/** What a user may write where BIRD must not see it. */
const HOSTILE = '"; } protocol static { route 1.2.3.4/32 blackhole; } #\n};';

/** Stored states with every feature, for `bird -p` and for reading. */
export const CASES: Readonly<Record<string, NetworkState>> = {
  'an empty datastore': network(),
  'a full mesh': network(PLAIN),
  'a node with IPv6 only': network({ ...PLAIN, nodes: { ...NODES, node1: { ipv6: 'fd00::1/64' } } }),
  'a node that is a route reflector': network({
    ...PLAIN,
    nodes: { ...NODES, node1: { ...NODES.node1, routeReflectorClusterId: '244.0.0.1', labels: { rr: 'yes' } } },
    configurations: { default: { nodeToNodeMeshEnabled: false } },
    peers: { rr: { nodeSelector: 'all()', peerSelector: "rr == 'yes'" } },
  }),
  'a cluster id that is none': network({
    ...PLAIN,
    nodes: { ...NODES, node1: { ...NODES.node1, routeReflectorClusterId: HOSTILE } },
    peers: { p: { peerSelector: 'all()' } },
  }),
  'no mesh': configured({ nodeToNodeMeshEnabled: false }),
  'an AS number of four bytes': configured({ asNumber: 4_200_000_000 }),
  listenPort: configured({ listenPort: 1790 }),
  bindMode: configured({ bindMode: 'NodeIP', listenPort: 1790 }),
  ignoredInterfaces: configured({ ignoredInterfaces: ['docker0', 'br-*', HOSTILE] }),
  'logging off': configured({ logSeverityScreen: 'Fatal' }),
  'logging all': configured({ logSeverityScreen: 'Debug' }),
  services: configured({
    serviceClusterIPs: [{ cidr: '10.96.0.0/12' }, { cidr: 'fd96::/112' }],
    serviceExternalIPs: [{ cidr: '192.0.2.7/32' }],
    serviceLoadBalancerIPs: [{ cidr: '198.51.100.0/24' }, { cidr: '198.51.100.7/32' }],
  }),
  communities: configured({
    communities: [{ name: 'pods', value: '65001:10' }],
    prefixAdvertisements: [
      { cidr: '10.65.0.0/16', communities: ['pods', '65001:2', '4200000000:1:2'] },
      { cidr: 'fd65::/48', communities: ['pods'] },
    ],
  }),
  'a mesh with password and restart time': configured({
    nodeMeshPassword: { secretKeyRef: { name: 'bgp', key: 'good' } },
    nodeMeshMaxRestartTime: '2m0s',
  }),
  'pools with tunnels and without export': network({
    ...PLAIN,
    pools: [
      { cidr: '10.65.0.0/16', vxlanMode: 'CrossSubnet' },
      { cidr: '10.66.0.0/16', ipipMode: 'Always' },
      { cidr: '10.67.0.0/16', disableBgpExport: true },
      { cidr: 'fd65::/48', vxlanMode: 'Always' },
    ],
  }),
  'a top-of-rack router': peer(tor),
  'a top-of-rack router by IPv6, with a port': peer({ ...tor6, peerIP: '[fd00::fe]:178' }),
  'a password': peer({ ...tor, ...secret('good') }),
  'a password that cannot be written': peer({ ...tor, ...secret('quote') }),
  'a password of two lines': peer({ ...tor, ...secret('line') }),
  'a password that cannot be read': peer({ ...tor, ...secret('none') }),
  'every option of a peer': peer({
    ...tor,
    ...secret('good'),
    localASNumber: '1.10',
    keepOriginalNextHop: true,
    maxRestartTime: '90s',
    keepaliveTime: '20s',
    numAllowedLocalASNumbers: 2,
    ttlSecurity: 3,
    reachableBy: '10.0.0.250',
  }),
  'every option of a peer, IPv6': peer({
    ...tor6,
    ...secret('good'),
    asNumber: 64_512,
    nextHopMode: 'Self',
    maxRestartTime: '90s',
    keepaliveTime: '20s',
    numAllowedLocalASNumbers: 2,
    ttlSecurity: 1,
    reachableBy: 'fd00::fa',
    sourceAddress: 'None',
  }),
  'next hop kept': peer({ ...tor, nextHopMode: 'Keep' }),
  filters: filtered([
    { cidr: '10.0.0.0/8', matchOperator: 'In', prefixLength: { min: 9, max: 24 }, action: 'Reject' },
    { cidr: 'fd00::/8', matchOperator: 'NotEqual', action: 'Accept', peerType: 'iBGP' },
    { interface: 'eth*', source: 'RemotePeers', peerType: 'eBGP', action: 'Accept' },
    { communities: { values: ['65000:1'] }, asPathPrefix: [65_000], priority: 100, action: 'Reject' },
    {
      communities: { values: ['65000:1:2'] },
      asPathPrefix: [65_000, '1.10'],
      action: 'Accept',
      operations: [
        { addCommunity: { value: '65000:3' } },
        { addCommunity: { value: '65000:3:4' } },
        { prependASPath: { prefix: [65_001, 65_002] } },
        { setPriority: { value: 512 } },
      ],
    },
    { action: 'Accept' },
  ]),
  'a filter with a long name': filtered([{ action: 'Accept' }], `${'long.'.repeat(50)}name`),
  'filters that cannot be read': filtered([
    { cidr: HOSTILE, matchOperator: 'In', action: 'Accept' },
    { interface: HOSTILE, action: 'Accept' },
    { action: HOSTILE },
    { action: 'Accept', operations: [{ addCommunity: { value: HOSTILE } }] },
    { asPathPrefix: [HOSTILE], action: 'Accept' },
  ]),
  'hostile names': network({
    ...PLAIN,
    nodes: { ...NODES, [HOSTILE]: { ipv4: '10.0.0.9/24' } },
    peers: { [HOSTILE]: { ...tor, filters: [HOSTILE] } },
    filters: { [HOSTILE]: { exportV4: [{ action: 'Reject' }] } },
  }),
};
