import { describe, expect, test } from 'vitest';
import { sortOut, wantedEntries } from '../../../node/tunnel/entries.ts';
import { concernsTunnels } from '../../../node/tunnel/news.ts';
import { tunnelPlan } from '../../../node/tunnel/plan.ts';
import { vtepOf } from '../../../node/tunnel/vtep.ts';
import type { Route } from '../../../shared/netlink/route.ts';
import { type StateText, stateOf } from '../../support/node/state-text.ts';

const NODES = [
  { name: 'one', ipv4: '10.0.0.1/24', tunnel4: '10.20.0.0' },
  { name: 'beside', ipv4: '10.0.0.2/24', tunnel4: '10.20.1.0' },
  { name: 'far', ipv4: '10.9.0.3/24', tunnel4: '10.20.2.0' },
];
const BLOCKS = [
  { cidr: '10.20.0.0/26', node: 'one' },
  { cidr: '10.20.1.0/26', node: 'beside' },
  { cidr: '10.20.2.0/26', node: 'far' },
];

const planOf = (more: Omit<StateText, 'node'>) =>
  tunnelPlan(stateOf({ node: 'one', nodes: NODES, blocks: BLOCKS, ...more }), 4);
const routesOf = (more: Omit<StateText, 'node'>) =>
  [...planOf(more).routes.values()].map(({ dst, over, via }) => [dst, over, via].join(' ').trim());
const ALWAYS = [{ cidr: '10.20.0.0/16', vxlan: 'Always' }] as const;

describe('routes of', () => {
  test.each<readonly [string, Omit<StateText, 'node'>, readonly string[]]>([
    ['a pool without a tunnel are BIRD’s', { pools: [{ cidr: '10.20.0.0/16' }] }, []],
    [
      'VXLAN go to the tunnel address',
      { pools: ALWAYS },
      ['10.20.0.0/26 nowhere', '10.20.1.0/26 vxlan 10.20.1.0', '10.20.2.0/26 vxlan 10.20.2.0'],
    ],
    [
      'VXLAN go straight to machines in the own subnet, where that is the mode',
      { pools: [{ cidr: '10.20.0.0/16', vxlan: 'CrossSubnet' }] },
      ['10.20.0.0/26 nowhere', '10.20.1.0/26 parent 10.0.0.2', '10.20.2.0/26 vxlan 10.20.2.0'],
    ],
    [
      'IPIP go to the machine',
      { pools: [{ cidr: '10.20.0.0/16', ipip: 'Always' }] },
      ['10.20.0.0/26 nowhere', '10.20.1.0/26 ipip 10.0.0.2', '10.20.2.0/26 ipip 10.9.0.3'],
    ],
    [
      'IPIP go straight to machines in the own subnet, where that is the mode',
      { pools: [{ cidr: '10.20.0.0/16', ipip: 'CrossSubnet' }] },
      ['10.20.0.0/26 nowhere', '10.20.1.0/26 parent 10.0.0.2', '10.20.2.0/26 ipip 10.9.0.3'],
    ],
    [
      'borrowed addresses lead to the borrower, not into this machine',
      {
        pools: ALWAYS,
        blocks: [
          {
            cidr: '10.20.0.0/26',
            node: 'one',
            borrowed: [
              { address: '10.20.0.5', node: 'far' },
              { address: '10.20.0.6', node: 'one' },
            ],
          },
          { cidr: '10.20.1.0/26', node: 'beside', borrowed: [{ address: '10.20.1.9', node: 'one' }] },
        ],
      },
      ['10.20.0.0/26 nowhere', '10.20.0.5/32 vxlan 10.20.2.0', '10.20.1.0/26 vxlan 10.20.1.0'],
    ],
    [
      'a tunnel address in another’s block, or in a block of its own, has no next hop',
      {
        pools: ALWAYS,
        blocks: [
          { cidr: '10.20.0.0/26', node: 'one' },
          { cidr: '10.20.3.0/26', node: 'far', borrowed: [{ address: '10.20.1.0', node: 'beside' }] },
          { cidr: '10.20.2.0/32', node: 'far' },
        ],
      },
      ['10.20.0.0/26 nowhere', '10.20.3.0/26 vxlan 10.20.2.0', '10.20.1.0/32 vxlan', '10.20.2.0/32 vxlan'],
    ],
    ['an own block of one address: none', { pools: ALWAYS, blocks: [{ cidr: '10.20.0.7/32', node: 'one' }] }, []],
    ['a block of an unknown node: none', { pools: ALWAYS, blocks: [{ cidr: '10.20.7.0/26', node: 'gone' }] }, []],
  ])('%s', (_, state, wanted) => expect(routesOf(state)).toEqual(wanted));

  test('nodes without addresses: none', () => {
    const nodes = [{ name: 'one', ipv4: '10.0.0.1/24' }, { name: 'beside', tunnel4: '10.20.1.0' }, { name: 'far' }];
    expect(routesOf({ nodes, pools: ALWAYS })).toEqual(['10.20.0.0/26 nowhere']);
    expect(planOf({ nodes, pools: ALWAYS }).vxlan?.own).toBeUndefined();
  });
});

describe('a node’s MAC', () => {
  const node = stateOf({ node: 'one', nodes: NODES }).nodes.get('one');

  test('is derived from its name, as Felix does', () => {
    expect(node === undefined ? '' : vtepOf(node, 4)?.mac).toBe('66:fe:05:bc:dc:dc');
  });

  test('is what the Node says, if it says one', () => {
    const named = node === undefined ? undefined : vtepOf({ ...node, vxlanTunnelMac: '66:AA:00:00:00:01' }, 4);
    expect(named?.mac).toBe('66:aa:00:00:00:01');
  });
});

test('the device follows FelixConfiguration', () => {
  expect(planOf({ pools: ALWAYS }).vxlan).toMatchObject({ name: 'vxlan.calico', id: 4096, port: 4789, mtu: undefined });
  const felix = { vxlanVNI: 7, vxlanPort: 8472, vxlanMTU: 1300 };
  expect(planOf({ pools: ALWAYS, felix }).vxlan).toMatchObject({ id: 7, port: 8472, mtu: 1300 });
});

describe('what is found in the kernel', () => {
  const indices = { vxlan: 5, ipip: 0, parent: 2 };
  const wanted = wantedEntries(planOf({ pools: ALWAYS }), indices);
  const route = (dst: string, more: Partial<Route>): Route => ({
    family: 4,
    dst,
    index: 5,
    via: '',
    scope: 'universe',
    kind: 'unicast',
    protocol: 80,
    metric: 0,
    isMain: true,
    ...more,
  });

  test('is ours by its mark, also what is not wanted any more', () => {
    const routes = [
      route('10.20.0.0/26', { kind: 'blackhole', index: 0 }),
      route('10.20.9.0/26', { via: '10.20.9.0' }),
      route('10.20.8.0/26', { index: 2, via: '10.0.0.8' }),
    ];
    const { ours, foreign } = sortOut({ routes, neighbours: [] }, wanted, indices);
    expect([...ours.routes.values()].map(({ over }) => over)).toEqual(['nowhere', 'vxlan', 'parent']);
    expect(foreign).toEqual([]);
  });

  test('is in the way if BIRD or an older Felix made it, and otherwise somebody else’s', () => {
    const routes = [
      route('10.20.1.0/26', { protocol: 12, index: 2, via: '10.0.0.2' }),
      route('10.20.2.0/26', { protocol: 3, via: '10.20.2.0' }),
      route('10.99.0.0/16', { protocol: 3 }),
      route('10.20.0.0/26', { protocol: 4, index: 2, via: '10.0.0.9' }),
      route('10.50.0.0/16', { protocol: 4, index: 2 }),
      route('10.20.1.0/26', { isMain: false, protocol: 80 }),
    ];
    const neighbours = [
      { table: 4 as const, index: 5, address: '10.20.1.0', mac: '02:00:00:00:00:01' },
      { table: 'forwarding' as const, index: 5, address: '10.0.0.7', mac: '66:00:00:00:00:01' },
      { table: 'forwarding' as const, index: 5, address: '10.0.0.8', mac: '02:00:00:00:00:02' },
    ];
    const { ours, obstacles, foreign } = sortOut({ routes, neighbours }, wanted, indices);
    expect(ours.routes.size).toBe(0);
    expect(obstacles.map(({ dst }) => dst)).toEqual(['10.20.1.0/26', '10.20.2.0/26']);
    expect([...ours.neighbours, ...ours.forwarding].map(([key]) => key)).toEqual(['10.20.1.0', '66:00:00:00:00:01']);
    expect(foreign).toEqual([
      'the route to 10.99.0.0/16 (protocol 3)',
      'the route to 10.20.0.0/26 via 10.0.0.9 (protocol 4)',
      'the forwarding entry 10.0.0.8 with MAC 02:00:00:00:00:02',
    ]);
  });

  test('only what has an interface is wanted', () => {
    const { routes, neighbours } = wantedEntries(planOf({ pools: ALWAYS }), { ...indices, vxlan: 0 });
    expect([...routes.keys()]).toEqual(['10.20.0.0/26']);
    expect(neighbours.size).toBe(0);
  });
});

describe('what the kernel tells', () => {
  const indices = [{ vxlan: 5, ipip: 0, parent: 2 }];
  const link = (index: number) => Uint8Array.of(0, 0, 0, 0, index, 0, 0, 0);
  const route = (protocol: number) => Uint8Array.of(2, 26, 0, 0, 254, protocol, 0, 1);

  test.each([
    ['an interface that routes lead over', 16, link(2), true],
    ['the device, removed', 17, link(5), true],
    ['another interface', 16, link(7), false],
    ['a route of ours, removed', 25, route(80), true],
    ['a route of BIRD, removed', 25, route(12), false],
    ['a new route of ours', 24, route(80), false],
  ])('%s', (_, type, body, concerns) => {
    expect(concernsTunnels({ type, flags: 0, body }, indices)).toBe(concerns);
  });
});
