import { describe, expect, test } from 'vitest';
import type { RouteState } from '../../../plugins/linux/pair-state.ts';
import { containerRouteFaults, routesInTheWay, routesToMend } from '../../../plugins/linux/route-check.ts';
import { VETH } from './veth-request.ts';

const request = { ...VETH, addresses: [...VETH.addresses, { family: 6, address: 'fd00::5' } as const] };
const route = (changes: Partial<RouteState>): RouteState => ({
  ...{ family: 4, dst: 'default', dev: 'eth0', gateway: '', kind: 'unicast', protocol: 3, metric: 0, isMain: true },
  ...changes,
});
const HOP = route({ dst: '169.254.1.1/32' });
const V4 = route({ gateway: '169.254.1.1' });
const V6 = route({ family: 6, gateway: 'fe80::ecee:eeff:feee:eeee', metric: 1024 });
const NULL6 = route({ family: 6, dev: 'lo', kind: 'unreachable', metric: 0xffffffff });

const faults = (...routes: RouteState[]) => containerRouteFaults(request, { links: [], routes });
const toMend = (...routes: RouteState[]) => routesToMend(request, { links: [], routes }).map(({ dst }) => dst);
const inTheWay = (...routes: RouteState[]) => routesInTheWay(request, { links: [], routes });

describe("the container's routes", () => {
  test('are correct as ADD makes them, and in another routing table', () => {
    expect(faults(HOP, V4, V6, NULL6)).toEqual([]);
    expect(faults(HOP, V6, { ...V4, isMain: false })).toEqual([]);
  });

  test('may use another interface, but not be missing or unreachable', () => {
    expect(faults(HOP, V6, route({ dev: 'net1', gateway: '10.9.9.9' }))).toEqual([]);
    expect(faults(HOP, V4, route({ family: 6, dev: 'net1' }))).toEqual([]);
    expect(faults(HOP, V6)).toEqual(['the container has no route to 0.0.0.0/0 over eth0']);
    expect(faults(HOP, V4, NULL6)).toEqual(['the container has no route to ::/0 over eth0']);
  });

  test('over our interface use the host as next hop, unless a preferred one does', () => {
    const text = (dst: string, hop: string, ours: string) => [
      `the container's route to ${dst} over eth0 goes by ${hop}, not by ${ours}`,
    ];
    expect(faults(HOP, V6, route({ gateway: '10.9.9.9' }))).toEqual(text('0.0.0.0/0', '10.9.9.9', '169.254.1.1'));
    expect(faults(HOP, V6, route({}))).toEqual(text('0.0.0.0/0', 'no next hop', '169.254.1.1'));
    expect(faults(HOP, V6, V4, route({ gateway: '10.9.9.9', metric: 100 }))).toEqual([]);
    expect(faults(HOP, V4, V6, route({ family: 6, gateway: 'fe80::1', metric: 1 }))).toEqual(
      text('::/0', 'fe80::1', 'fe80::ecee:eeff:feee:eeee'),
    );
    expect(faults(HOP, V6, route({ gateway: '10.9.9.9', isMain: false }))).toHaveLength(1);
  });

  test('include one to the next hop, while it is used', () => {
    expect(faults(V4, V6)).toEqual(['the container has no route to 169.254.1.1/32 over eth0']);
    expect(faults(V6, route({ dev: 'net1' }))).toEqual([]);
  });

  test('of a family without an address are not required', () => {
    const only4 = { ...request, addresses: request.addresses.slice(0, 1) };
    expect(containerRouteFaults(only4, { links: [], routes: [HOP, V4] })).toEqual([]);
  });
});

describe('repair', () => {
  test('leaves another interface’s routes', () => {
    expect(toMend(HOP)).toEqual(['0.0.0.0/0', '::/0']);
    expect(toMend(route({ dev: 'net1' }))).toEqual(['::/0']);
    expect(toMend(route({}), route({ dev: 'net1' }))).toEqual(['0.0.0.0/0', '::/0']);
  });

  test('removes only routes that would be preferred to the repaired one', () => {
    const first = route({ family: 6, metric: 5 });
    expect(inTheWay(V4, V6, first)).toEqual([{ ...first, over: 'eth0' }]);
    expect(inTheWay(V4, route({ family: 6, metric: 1024 }))).toEqual([]);
    expect(inTheWay(V6, route({}), { ...first, isMain: false })).toEqual([]);
  });
});
