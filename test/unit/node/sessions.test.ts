import { expect, test } from 'vitest';
import { routingOf } from '../../../node/bgp/routing.ts';
import { nameOf, type Session } from '../../../node/bgp/session.ts';
import type { NetworkState } from '../../../node/state/network-state.ts';
import { network } from '../../support/routing/network.ts';

const THREE = {
  node1: { ipv4: '10.0.0.1/24', ipv6: 'fd00::1/64' },
  node2: { ipv4: '10.0.0.2/24' },
  node3: { ipv4: '10.0.1.3/24', ipv6: 'fd00::3/64', asNumber: 64_600 },
};
const NO_MESH = { default: { nodeToNodeMeshEnabled: false } };

const sessions = (state: NetworkState, passwords = new Map<string, string>()): readonly Session[] => {
  const { families } = routingOf(state, passwords);
  return [...families[4].sessions, ...families[6].sessions];
};
const names = (state: NetworkState) => sessions(state).map(nameOf);
const first = (state: NetworkState, passwords?: Map<string, string>): Session => {
  const [session] = sessions(state, passwords);
  if (session === undefined) throw new Error('no session');
  return session;
};
const problems = (state: NetworkState, passwords = new Map<string, string>()) => routingOf(state, passwords).problems;

test('the mesh is one session with each other node and family, whose names calicoctl node status reads', () => {
  expect(names(network({ nodes: THREE }))).toEqual(['Mesh_10_0_0_2', 'Mesh_10_0_1_3', 'Mesh_fd00__3']);
});

test('AS numbers: of the node, of the default configuration, 64512', () => {
  const numbers = (state: NetworkState) => sessions(state).map(({ localAs, asNumber }) => [localAs, asNumber]);
  expect(numbers(network({ nodes: THREE }))).toEqual([
    [64_512, 64_512],
    [64_512, 64_600],
    [64_512, 64_600],
  ]);
  expect(numbers(network({ nodes: THREE, configurations: { default: { asNumber: 65_001 } } }))[0]).toEqual([
    65_001, 65_001,
  ]);
  expect(numbers(network({ nodes: THREE, node: 'node3' }))[0]).toEqual([64_600, 64_512]);
});

test('of two nodes the one with the higher address opens the connection', () => {
  const passive = (node: string) =>
    sessions(network({ node, nodes: THREE })).map((each) => [nameOf(each), each.isPassive]);
  expect(passive('node1')[0]).toEqual(['Mesh_10_0_0_2', true]);
  expect(passive('node2')[0]).toEqual(['Mesh_10_0_0_1', false]);
});

test('mesh: password, restart time, and the ports of the other nodes', () => {
  const state = network({
    nodes: THREE,
    configurations: {
      default: {
        listenPort: 178,
        nodeMeshPassword: { secretKeyRef: { name: 's', key: 'k' } },
        nodeMeshMaxRestartTime: '2m0s',
      },
      'node.node3': { listenPort: 1790 },
    },
  });
  const all = sessions(state, new Map([['s/k', 'rosebud']]));
  expect(all.map(({ port }) => port)).toEqual([178, 1790, 1790]);
  expect(all.map(nameOf)[0]).toBe('Mesh_10_0_0_2');
  expect(all[0]).toMatchObject({ password: 'rosebud', restartSeconds: 120, sourceAddress: { text: '10.0.0.1' } });
  expect(routingOf(state, new Map()).port).toBe(178);
});

test('no mesh: nodeToNodeMeshEnabled false, and nodes that are route reflectors', () => {
  expect(names(network({ nodes: THREE, configurations: NO_MESH }))).toEqual([]);
  const nodes = { ...THREE, node2: { ipv4: '10.0.0.2/24', routeReflectorClusterId: '1.0.0.1' } };
  expect(names(network({ nodes }))).toEqual(['Mesh_10_0_1_3', 'Mesh_fd00__3']);
  expect(names(network({ nodes, node: 'node2' }))).toEqual([]);
});

test('two nodes with one address: one session, and a problem', () => {
  const state = network({ nodes: { ...THREE, old: { ipv4: '10.0.0.2/24' } } });
  expect(names(state)).toEqual(['Mesh_10_0_0_2', 'Mesh_10_0_1_3', 'Mesh_fd00__3']);
  expect(problems(state)).toEqual(['no BGP session with old: another one has its address 10.0.0.2']);
});

test('a node without BGP, of which only the address is known, has no session', () => {
  const state = network({ nodes: THREE });
  const other = state.nodes.get('node2');
  if (other === undefined) throw new Error('no node2');
  const nodes = new Map([...state.nodes, ['node2', { ...other, ipv4: undefined }]]);
  expect(names({ ...state, nodes })).toEqual(['Mesh_10_0_1_3', 'Mesh_fd00__3']);
});

test('a node that is not registered yet has no sessions', () => {
  expect(names(network({ node: 'new', nodes: THREE }))).toEqual([]);
});

const tor = { peerIP: '10.0.0.254', asNumber: 65_000 };

test('global and node-specific peers, by node and by nodeSelector', () => {
  const nodes = { ...THREE, node1: { ...THREE.node1, labels: { rack: 'a' } } };
  const of = (peers: Readonly<Record<string, Readonly<Record<string, unknown>>>>, node = 'node1') =>
    names(network({ nodes, node, configurations: NO_MESH, peers }));
  expect(of({ all: tor })).toEqual(['Global_10_0_0_254']);
  expect(of({ one: { ...tor, node: 'node1' } })).toEqual(['Node_10_0_0_254']);
  expect(of({ one: { ...tor, node: 'node1' } }, 'node2')).toEqual([]);
  expect(of({ rack: { ...tor, nodeSelector: "rack == 'a'" } })).toEqual(['Node_10_0_0_254']);
  expect(of({ rack: { ...tor, nodeSelector: "rack == 'a'" } }, 'node2')).toEqual([]);
  expect(of({ bad: { ...tor, nodeSelector: 'rack ==' } })).toEqual([]);
  expect(of({ a: { ...tor, node: 'node1' }, z: tor })).toEqual(['Global_10_0_0_254']);
});

test('peerIP with a port, and IPv6', () => {
  const of = (peerIP: string) =>
    first(network({ nodes: THREE, configurations: NO_MESH, peers: { p: { ...tor, peerIP } } }));
  expect(nameOf(of('10.0.0.254:1790'))).toBe('Global_10_0_0_254_port_1790');
  expect(nameOf(of('fd00::fe'))).toBe('Global_fd00__fe');
  expect(nameOf(of('[fd00::fe]:178'))).toBe('Global_fd00__fe_port_178');
  expect(of('[fd00::fe]:178')).toMatchObject({ port: 178, address: { text: 'fd00::fe' } });
});

test('peerSelector: sessions with the nodes that it selects, and theirs with this one', () => {
  const nodes = {
    node1: { ipv4: '10.0.0.1/24' },
    node2: { ipv4: '10.0.0.2/24', labels: { rr: '' } },
    node3: { ipv4: '10.0.0.3/24', labels: { rr: '' } },
  };
  const of = (node: string, more = {}) =>
    names(network({ node, nodes, configurations: NO_MESH, peers: { p: { peerSelector: 'has(rr)', ...more } } }));
  expect(of('node1')).toEqual(['Global_10_0_0_2', 'Global_10_0_0_3']);
  // Node 3 is meant by the same peer, and node 1 by nothing but its reverse.
  expect(of('node2')).toEqual(['Global_10_0_0_3', 'Node_10_0_0_1']);
  expect(of('node2', { reversePeering: 'Manual' })).toEqual(['Global_10_0_0_3']);
});

test('a peerIP that is a node’s address makes that node speak too, unless AS number or port are others', () => {
  const of = (peer: Readonly<Record<string, unknown>>) =>
    names(network({ node: 'node2', nodes: THREE, configurations: NO_MESH, peers: { p: { node: 'node1', ...peer } } }));
  expect(of({ peerIP: '10.0.0.2', asNumber: 64_512 })).toEqual(['Node_10_0_0_1']);
  expect(of({ peerIP: '10.0.0.2' })).toEqual(['Node_10_0_0_1']);
  expect(of({ peerIP: '10.0.0.2', asNumber: 65_000 })).toEqual([]);
});

test('route reflectors reflect to internal peers that are not of their cluster', () => {
  const nodes = {
    node1: { ipv4: '10.0.0.1/24', routeReflectorClusterId: '244.0.0.1', labels: { rr: '' } },
    node2: { ipv4: '10.0.0.2/24' },
    node3: { ipv4: '10.0.0.3/24', routeReflectorClusterId: '244.0.0.1', labels: { rr: '' } },
    node4: { ipv4: '10.0.0.4/24', routeReflectorClusterId: '244.0.0.2', labels: { rr: '' } },
  };
  const peers = { p: { peerSelector: 'has(rr)' }, tor };
  const clusters = sessions(network({ nodes, peers })).map((each) => [nameOf(each), each.clusterId]);
  expect(clusters).toEqual([
    ['Global_10_0_0_254', undefined],
    ['Global_10_0_0_3', undefined],
    ['Global_10_0_0_4', '244.0.0.1'],
    ['Node_10_0_0_2', '244.0.0.1'],
  ]);
});

test('what a BGPPeer says of its session', () => {
  const peer = {
    ...tor,
    localASNumber: '1.10',
    keepOriginalNextHop: true,
    maxRestartTime: '90s',
    keepaliveTime: '20s',
    numAllowedLocalASNumbers: 2,
    ttlSecurity: 1,
    reachableBy: '10.0.0.250',
    filters: ['f'],
    password: { secretKeyRef: { name: 'bgp', key: 'tor' } },
  };
  const state = network({ nodes: THREE, configurations: NO_MESH, peers: { tor: peer }, filters: { f: {} } });
  expect(first(state, new Map([['bgp/tor', 'secret']]))).toMatchObject({
    asNumber: 65_000,
    localAs: 65_546,
    nextHop: 'keep',
    restartSeconds: 90,
    keepaliveSeconds: 20,
    allowedLocalAs: 2,
    ttlSecurity: 1,
    reachableBy: { text: '10.0.0.250' },
    filters: ['f'],
    password: 'secret',
    sourceAddress: { text: '10.0.0.1' },
  });
});

test('times that BGP has no room for are the longest or none', () => {
  const of = (more: Readonly<Record<string, unknown>>) =>
    first(network({ nodes: THREE, configurations: NO_MESH, peers: { p: { ...tor, ...more } } }));
  expect(of({ maxRestartTime: '300h', keepaliveTime: '300h' })).toMatchObject({
    restartSeconds: 4095,
    keepaliveSeconds: 65_535,
  });
  expect(of({ maxRestartTime: '0s', keepaliveTime: '0s' })).toMatchObject({ restartSeconds: 0 });
  expect(of({ keepaliveTime: '0s' }).keepaliveSeconds).toBeUndefined();
});

test('next hop, source address', () => {
  const of = (more: Readonly<Record<string, unknown>>) =>
    first(network({ nodes: THREE, configurations: NO_MESH, peers: { p: { ...tor, ...more } } }));
  expect(of({ nextHopMode: 'Self' }).nextHop).toBe('self');
  expect(of({ nextHopMode: 'Keep', asNumber: 64_512 }).nextHop).toBe('keep');
  expect(of({ nextHopMode: 'Auto' }).nextHop).toBeUndefined();
  expect(of({ keepOriginalNextHop: true, asNumber: 64_512 }).nextHop).toBeUndefined();
  expect(of({ sourceAddress: 'None' }).sourceAddress).toBeUndefined();
});

test.each([
  [{}, 'BGPPeer p is not used: it has neither peerIP nor peerSelector'],
  [{ peerIP: 'tor.example' }, 'BGPPeer p is not used: its peerIP is not an address'],
  [
    { ...tor, reachableBy: 'fd00::1' },
    'BGPPeer p is not used: its reachableBy is not an address of the family of peerIP',
  ],
  [{ localWorkloadSelector: 'all()' }, 'BGPPeer p is not used: localWorkloadSelector is not supported'],
  [{ ...tor, filters: ['none'] }, 'there is no BGPFilter none'],
])('a peer that cannot be served as it is: %j', (spec, problem) => {
  expect(problems(network({ nodes: THREE, peers: { p: spec } }))).toEqual([problem]);
});

test('a password that cannot be read leaves the session without, as the original does, and is a problem', () => {
  const peers = { p: { ...tor, password: { secretKeyRef: { name: 's', key: 'k' } } } };
  const state = network({ nodes: THREE, configurations: NO_MESH, peers });
  expect(first(state).password).toBeUndefined();
  expect(problems(state)).toEqual([
    'the password of BGPPeer p (secret s, key k) cannot be read: its sessions have none',
  ]);
});

test.each([
  ['a"b', 'is empty, or has a quotation mark or a line break, which BIRD cannot be told'],
  ['a\nb', 'is empty, or has a quotation mark or a line break, which BIRD cannot be told'],
  ['', 'is empty, or has a quotation mark or a line break, which BIRD cannot be told'],
  ['x'.repeat(81), 'is longer than 80 bytes'],
])('a password that BIRD cannot be told leaves the session out: %j', (password, why) => {
  const peers = { p: { ...tor, password: { secretKeyRef: { name: 's', key: 'k' } } } };
  const state = network({ nodes: THREE, configurations: NO_MESH, peers });
  const passwords = new Map([['s/k', password]]);
  expect(sessions(state, passwords)).toEqual([]);
  expect(problems(state, passwords)).toEqual([`no BGP session with p: its password ${why}`]);
});

test('the router id: the IPv4 address, another address, or one made of the name', () => {
  const state = network({ nodes: { node1: { ipv6: 'fd00::1/64' }, node2: { ipv4: '10.0.0.2/24' } } });
  expect(routingOf({ ...state, node: 'node2' }, new Map()).routerId).toBe('10.0.0.2');
  expect(routingOf({ ...state, node: 'node2' }, new Map(), '1.2.3.4').routerId).toBe('1.2.3.4');
  const hashed = routingOf(state, new Map()).routerId;
  expect(hashed).toMatch(/^(?:[1-9]\d{0,2})(?:\.\d{1,3}){3}$/);
  expect(routingOf({ ...state, node: 'node1' }, new Map(), 'hash').routerId).toBe(hashed);
});
