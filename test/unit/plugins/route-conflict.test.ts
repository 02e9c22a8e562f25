import { expect, test } from 'vitest';
import { birdsBlackholes, routeConflict } from '../../../plugins/linux/route-conflict.ts';
import type { Route } from '../../../shared/netlink/route.ts';
import { VETH } from './veth-request.ts';

const request = { ...VETH, routes: [] };
const names = new Map([
  [1, 'lo'],
  [7, 'calix'],
  [9, 'uplink'],
]);
const route = (changes: Partial<Route>): Route => ({
  ...{ family: 4, dst: '10.0.0.5/32', index: 0, via: '', scope: 'universe', kind: 'blackhole', protocol: 12 },
  ...{ metric: 0, isMain: true },
  ...changes,
});
const conflict = (...routes: Route[]) => routeConflict(request, { names, routes }, new Error('file exists'));

test("only BIRD's blackhole for exactly a pod's address is replaced", () => {
  const wider = route({ dst: '10.0.0.0/26' });
  const others = [route({ protocol: 4 }), route({ kind: 'unreachable' }), route({ dst: '10.0.0.6/32' }), wider];
  expect(birdsBlackholes(request, { names, routes: [...others, route({})] })).toEqual([route({})]);
});

test.each([
  [route({}), 'a blackhole (protocol bird)', 'BIRD'],
  [route({ protocol: 80 }), 'a blackhole (protocol 80)', 'Felix'],
  [route({ protocol: 99, kind: 'prohibit' }), 'a prohibiting route (protocol 99)', 'a program'],
  [route({ index: 1, kind: 'unreachable', protocol: 4 }), 'an unreachable route (protocol static)', 'an administrator'],
])('an error about an unreachable route names its kind, its creator and what to do: %#', (holder, words, whose) => {
  const error = conflict(holder);
  expect(error?.message).toMatch(/^error adding host side routes for interface: calix, error: route \(Ifindex: 7, /);
  expect(error?.message).toContain(words);
  expect(error?.details).toContain(whose);
  expect(error?.details).toContain(`ip route del ${holder.kind} 10.0.0.5/32`);
});

test('an error about a route of another interface names that interface', () => {
  expect(conflict(route({ index: 9, kind: 'unicast', scope: 'link' }))?.message).toContain('Iface: uplink)');
  expect(conflict(route({ index: 7, kind: 'unicast' }))).toBeUndefined();
  expect(conflict()).toBeUndefined();
});
