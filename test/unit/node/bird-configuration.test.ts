import { expect, test } from 'vitest';
import { routingOf } from '../../../node/bgp/routing.ts';
import { birdConfiguration } from '../../../node/bird/configuration.ts';
import type { NetworkState } from '../../../node/state/network-state.ts';
import { CASES, PASSWORDS } from '../../support/routing/cases.ts';
import { bird1, bird2, bird6, block, stateOf } from '../../support/routing/texts.ts';

test('BIRD 1.6 for a full mesh', () => {
  expect(bird1('a full mesh')).toBe(`# Written by calicoctl node run. Changes are overwritten.
log syslog all;
router id 10.0.0.1;
graceful restart wait 45;
function calico_export4(bool is_internal)
{
  if (is_internal) then {
    if (defined(ifname) && (ifname ~ "*.calico" || ifname ~ "*.cali" || ifname ~ "tunl*")) then reject;
  }
  if (net = 10.65.0.0/26) then accept;
  if (net ~ 10.65.0.0/26) then reject;
  if (net = 10.65.9.9/32) then accept;
  if (net ~ 10.65.9.9/32) then reject;
  if (net ~ 10.65.0.0/16) then accept;
  reject;
}
filter calico_kernel4
{
  if (source = RTS_DEVICE) then reject;
  accept;
}
protocol device {
  debug { states };
  scan time 2;
}
protocol direct {
  interface -"cali*", -"kube-ipvs*", "*";
}
template bgp calico_peer {
  debug { states };
  description "Connection to BGP peer";
  graceful restart;
  connect delay time 2;
  connect retry time 5;
  error wait time 5,30;
}
protocol kernel kernel4 {
  learn;
  persist;
  scan time 2;
  graceful restart;
  merge paths on;
  import all;
  export filter calico_kernel4;
}
protocol static static4 {
  route 10.65.0.0/26 blackhole;
}
# node2
protocol bgp Mesh_10_0_0_2 from calico_peer {
  neighbor 10.0.0.2 as 64512;
  local as 64512;
  source address 10.0.0.1;
  ttl security off;
  multihop;
  passive on;
  gateway recursive;
  add paths on;
  import all;
  export filter { calico_export4(true); };
}
# node3
protocol bgp Mesh_10_0_1_3 from calico_peer {
  neighbor 10.0.1.3 as 64600;
  local as 64512;
  source address 10.0.0.1;
  ttl security off;
  multihop;
  passive on;
  gateway recursive;
  add paths on;
  import all;
  export filter { calico_export4(false); };
}
`);
});

test('BIRD 2 has both families in one file, each in a channel', () => {
  const text = bird2('a full mesh');
  expect(block(text, 'protocol kernel kernel6')).toEqual([
    'protocol kernel kernel6 {',
    '  learn;',
    '  persist;',
    '  scan time 2;',
    '  graceful restart;',
    '  merge paths on;',
    '  ipv6 {',
    '    import all;',
    '    export filter calico_kernel6;',
    '  };',
    '}',
  ]);
  expect(block(text, 'protocol bgp Mesh_fd00__2')).toEqual([
    'protocol bgp Mesh_fd00__2 from calico_peer {',
    '  neighbor fd00::2 as 64512;',
    '  local as 64512;',
    '  source address fd00::1;',
    '  ttl security off;',
    '  multihop;',
    '  passive on;',
    '  ipv6 {',
    '    gateway recursive;',
    '    add paths on;',
    '    import all;',
    '    export filter { calico_export6(true); };',
    '  };',
    '}',
  ]);
  expect(text.match(/^protocol bgp \w+/gm)).toEqual([
    'protocol bgp Mesh_10_0_0_2',
    'protocol bgp Mesh_10_0_1_3',
    'protocol bgp Mesh_fd00_1__3',
    'protocol bgp Mesh_fd00__2',
  ]);
});

test('listenPort and bindMode: of the process in 1.6, of each session in 2', () => {
  expect(bird1('listenPort')).toContain('\nlisten bgp port 1790;\n');
  expect(bird1('bindMode')).toContain('\nlisten bgp address 10.0.0.1 port 1790;\n');
  expect(bird6('bindMode')).toContain('\nlisten bgp address fd00::1 port 1790;\n');
  expect(block(bird2('listenPort'), 'protocol bgp Mesh_10_0_0_2').slice(1, 4)).toEqual([
    '  neighbor 10.0.0.2 port 1790 as 64512;',
    '  local port 1790 as 64512;',
    '  source address 10.0.0.1;',
  ]);
  expect(block(bird2('bindMode'), 'protocol bgp Mesh_10_0_0_2').slice(2, 4)).toEqual([
    '  local 10.0.0.1 port 1790 as 64512;',
    '  strict bind on;',
  ]);
});

test('an own AS number towards one peer, and everything else that a BGPPeer can say', () => {
  expect(block(bird1('every option of a peer'), 'protocol bgp')).toEqual([
    'protocol bgp Global_10_0_0_254 from calico_peer {',
    '  neighbor 10.0.0.254 as 65000;',
    '  local as 65546;',
    '  source address 10.0.0.1;',
    '  ttl security on;',
    '  multihop 3;',
    '  graceful restart time 90;',
    '  keepalive time 20;',
    '  password "p\'w$ \\ä # ; } //";',
    '  allow local as 2;',
    '  gateway recursive;',
    '  add paths on;',
    '  next hop keep;',
    '  import all;',
    '  export filter { calico_export4(false); };',
    '}',
  ]);
  expect(block(bird1('every option of a peer'), 'protocol static')).toEqual([
    'protocol static static4 {',
    '  route 10.65.0.0/26 blackhole;',
    '  route 10.0.0.254/32 via 10.0.0.250;',
    '}',
  ]);
});

test('a route reflector names its cluster to its clients', () => {
  const text = bird1('a node that is a route reflector');
  expect(text).toContain('  rr client;\n  rr cluster id 244.0.0.1;\n');
  expect(bird1('a cluster id that is none')).not.toContain('rr c');
});

test('services are announced as a whole, and never written to the kernel', () => {
  const text = bird1('services');
  expect(block(text, 'filter calico_kernel4')).toEqual([
    'filter calico_kernel4',
    '{',
    '  if (source = RTS_DEVICE) then reject;',
    '  if (net ~ 10.96.0.0/12) then reject;',
    '  if (net ~ 192.0.2.7/32) then reject;',
    '  if (net ~ 198.51.100.0/24) then reject;',
    '  accept;',
    '}',
  ]);
  expect(block(text, 'protocol static')).toContain('  route 10.96.0.0/12 blackhole;');
  expect(block(text, 'function calico_export4')).toContain('  if (net ~ 198.51.100.0/24) then accept;');
  expect(block(bird2('services'), 'protocol static static6')).toContain('  route fd96::/112 blackhole;');
});

test('a node that load balancers leave out announces no services', () => {
  const state = stateOf('services');
  const own = state.nodes.get('node1');
  if (own === undefined) throw new Error('no node1');
  const labels = { 'node.kubernetes.io/exclude-from-external-load-balancers': 'true' };
  const left = { ...state, nodes: new Map([...state.nodes, ['node1', { ...own, labels }]]) };
  const text = birdConfiguration(routingOf(left, PASSWORDS), 1, [4]);
  expect(text).not.toContain('route 10.96.0.0/12');
  expect(text).toContain('if (net ~ 10.96.0.0/12) then reject;');
});

test('pools: no routes in the kernel for those with a tunnel, none told for those without export', () => {
  const text = bird1('pools with tunnels and without export');
  expect(block(text, 'filter calico_kernel4')).toEqual([
    'filter calico_kernel4',
    '{',
    '  if (source = RTS_DEVICE) then reject;',
    '  if (net ~ 10.65.0.0/16) then reject;',
    '  if (net ~ 10.66.0.0/16) then reject;',
    '  accept;',
    '}',
  ]);
  const exported = block(text, 'function calico_export4');
  expect(exported[2]).toBe('  if (net ~ 10.67.0.0/16) then reject;');
  expect(exported).toContain(
    '    if (net ~ 10.66.0.0/16 && defined(source) && source = RTS_INHERIT && (dest = RTD_ROUTER || dest = RTD_MULTIPATH)) then reject;',
  );
  expect(exported.at(-4)).toBe('  if (net ~ 10.65.0.0/16) then accept;');
  expect(exported.at(-3)).toBe('  if (net ~ 10.66.0.0/16) then accept;');
});

test('communities', () => {
  expect(block(bird1('communities'), 'function calico_export4')).toContain(
    '  if (net ~ 10.65.0.0/16) then { bgp_large_community.add((4200000000, 1, 2)); bgp_community.add((65001, 10)); bgp_community.add((65001, 2)); }',
  );
});

test.each(Object.keys(CASES))('no text of a user gets out of its quotation marks or comment: %s', (name) => {
  for (const text of [bird1(name), bird6(name), bird2(name)]) {
    for (const line of text.split('\n')) {
      const bare = line.replaceAll(/"[^"]*"/g, '""').replace(/#.*$/, '');
      expect(bare).not.toContain('1.2.3.4');
      expect(bare.includes('"') && bare.split('"').length % 2 === 0).toBe(false);
    }
  }
});

test('the same state has the same text, in whatever order it was read', () => {
  const turned = (state: NetworkState): NetworkState => ({
    ...state,
    nodes: new Map([...state.nodes].reverse()),
    pools: [...state.pools].reverse(),
    blocks: [...state.blocks].reverse(),
    bgpPeers: new Map([...state.bgpPeers].reverse()),
    bgpFilters: new Map([...state.bgpFilters].reverse()),
  });
  for (const name of Object.keys(CASES)) {
    const text = birdConfiguration(routingOf(turned(stateOf(name)), PASSWORDS), 2, [4, 6]);
    expect(text).toBe(bird2(name));
  }
});
