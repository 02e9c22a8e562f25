import { describe, expect, test } from 'vitest';
import { ARRIVAL_MS, arrivals, isArriving, withLeaving } from '../../../node/bgp/leaving.ts';
import { routingOf } from '../../../node/bgp/routing.ts';
import { nameOf } from '../../../node/bgp/session.ts';
import { network } from '../../support/routing/network.ts';

const NODES = {
  node1: { ipv4: '10.0.0.1/24' },
  node2: { ipv4: '10.0.0.2/24', ipv6: 'fd00::2/64' },
  node3: { ipv4: '10.0.0.3/24' },
};
const REFLECTED = {
  configurations: { default: { nodeToNodeMeshEnabled: false } },
  peers: { reflector: { peerIP: '10.0.0.2', asNumber: 64_512 } },
};
const routing = (given: Parameters<typeof network>[0]) => routingOf(network(given), new Map());
const told = (before: Parameters<typeof network>[0], now: Parameters<typeof network>[0]) =>
  withLeaving(routing(before), routing(now), network(now)).families[4].sessions.map(nameOf);

describe('sessions that go while others come', () => {
  test('stay, unless another session has their address', () => {
    expect(told({ nodes: NODES }, { nodes: NODES, ...REFLECTED })).toEqual(['Global_10_0_0_2', 'Mesh_10_0_0_3']);
  });

  test('go when no node has their address any more', () => {
    const moved = { ...NODES, node3: { ipv4: '10.0.0.33/24' } };
    expect(told({ nodes: NODES }, { nodes: moved })).toEqual(['Mesh_10_0_0_2', 'Mesh_10_0_0_33']);
    const { node3: _, ...left } = NODES;
    expect(told({ nodes: NODES }, { nodes: left })).toEqual(['Mesh_10_0_0_2']);
  });

  test('bring the filters that they use', () => {
    const peers = { rack: { peerIP: '10.0.0.3', asNumber: 64_600, filters: ['one'] } };
    const before = {
      nodes: NODES,
      configurations: REFLECTED.configurations,
      peers,
      filters: { one: { importV4: [] } },
    };
    const now = { ...before, peers: REFLECTED.peers };
    const { sessions, filters } = withLeaving(routing(before), routing(now), network(now)).families[4];
    expect(sessions.map(nameOf)).toEqual(['Global_10_0_0_2', 'Global_10_0_0_3']);
    expect([...filters.keys()]).toEqual(['one']);
  });

  test('what has none of them is what is wanted', () => {
    const wanted = routing({ nodes: NODES });
    expect(withLeaving(routing({ nodes: NODES }), wanted, network({ nodes: NODES }))).toBe(wanted);
  });
});

test('a session arrives for some seconds from when it was first wanted', () => {
  const first = arrivals(new Map(), routing({ nodes: NODES }), 1_000);
  const later = arrivals(first, routing({ nodes: NODES, ...REFLECTED }), 1_000 + ARRIVAL_MS);
  expect([...later]).toEqual([['Global_10_0_0_2', 1_000 + ARRIVAL_MS]]);
  expect(isArriving(first, 1_000 + ARRIVAL_MS - 1)).toBe(true);
  expect(isArriving(first, 1_000 + ARRIVAL_MS)).toBe(false);
  expect(isArriving(later, 1_000 + ARRIVAL_MS)).toBe(true);
});
