import { expect, test } from 'vitest';
import {
  isForeign,
  isIntact,
  missingFromKernel,
  ownInterfaces,
  unroutedOnHost,
} from '../../../plugins/linux/pair-check.ts';
import type { NamespaceState, RouteState } from '../../../plugins/linux/pair-state.ts';
import { VETH } from './veth-request.ts';

const request = { ...VETH, mtu: 1400 };
const link = { ifindex: 5, ifname: 'calix', up: true, mac: 'ee:ee:ee:ee:ee:ee', mtu: 1400, peer: 2, addresses: [] };
const pod = { ifindex: 2, ifname: 'eth0', up: true, mac: request.mac, mtu: 1400, peer: 5, addresses: ['10.0.0.5/32'] };
const route = (dst: string, dev: string, changes: Partial<RouteState> = {}): RouteState => ({
  ...{ family: 4, dst, dev, gateway: '', kind: 'unicast', protocol: 3, metric: 0, isMain: true },
  ...changes,
});
const hop = route('169.254.1.1/32', 'eth0');
const byHop = route('default', 'eth0', { gateway: '169.254.1.1' });
const host: NamespaceState = { links: [link], routes: [route('10.0.0.5/32', 'calix')] };
const container: NamespaceState = { links: [pod], routes: [hop, byHop] };

test('a pair as requested has no faults', () => {
  expect(missingFromKernel(request, host, container)).toEqual([]);
});

const faults: [string, NamespaceState, NamespaceState, string][] = [
  ['host end', { ...host, links: [] }, container, 'host interface calix does not exist'],
  ['container end', host, { ...container, links: [] }, 'interface eth0 does not exist in the container'],
  [
    'pairing',
    host,
    { ...container, links: [{ ...pod, peer: 9 }] },
    'eth0 in the container is not the other end of calix',
  ],
  ['host state', { ...host, links: [{ ...link, up: false }] }, container, 'host interface calix is down'],
  [
    'container state',
    host,
    { ...container, links: [{ ...pod, up: false }] },
    'interface eth0 in the container is down',
  ],
  ['MAC', host, { ...container, links: [{ ...pod, mac: 'x' }] }, 'interface eth0 has MAC x, not 02:00:00:00:00:01'],
  ['MTU', host, { ...container, links: [{ ...pod, mtu: 9 }] }, 'interface eth0 has MTU 9, not 1400'],
  ['address', host, { ...container, links: [{ ...pod, addresses: [] }] }, 'interface eth0 lacks address 10.0.0.5/32'],
  ['default route', host, { ...container, routes: [] }, 'the container has no route to 0.0.0.0/0 over eth0'],
  ['host route', { ...host, routes: [] }, container, 'host has no route to 10.0.0.5/32 over calix'],
];

test.each(faults)('a missing or wrong %s is reported', (_, onHost, inside, text) => {
  expect(missingFromKernel(request, onHost, inside)).toEqual([text]);
});

test('a pair with another MAC must be made again, one without routes not', () => {
  expect(isIntact(request, { ...host, routes: [] }, { ...container, routes: [] })).toBe(true);
  expect(isIntact(request, host, { ...container, links: [{ ...pod, mac: 'x' }] })).toBe(false);
  expect(isIntact(request, { ...host, links: [] }, container)).toBe(false);
});

test('an interface with our name is not ours unless it is an end of the pair, or has MAC and addresses', () => {
  const of = (links: NamespaceState['links']) => ({ ...container, links });
  const alone = { ...host, links: [] };
  expect(isForeign(request, host, container)).toBe(false);
  expect(isForeign(request, host, of([{ ...pod, mac: 'x', addresses: [] }]))).toBe(false);
  expect(isForeign(request, alone, of([]))).toBe(false);
  expect(isForeign(request, alone, container)).toBe(false);
  expect(isForeign(request, { ...host, links: [{ ...link, peer: 9 }] }, container)).toBe(false);
  expect(isForeign(request, alone, of([{ ...pod, mac: 'x' }]))).toBe(true);
  expect(isForeign(request, alone, of([{ ...pod, addresses: [] }]))).toBe(true);
  expect(isForeign({ ...request, addresses: [] }, alone, container)).toBe(true);
});

test('an interface with MAC and addresses is ours under any name', () => {
  const links = [
    { ...pod, ifname: 'eth7' },
    { ...pod, ifname: 'eth8', mac: 'x' },
    { ...pod, ifname: 'eth9', addresses: [] },
  ];
  expect(ownInterfaces(request, { ...container, links })).toEqual(['eth7']);
  expect(ownInterfaces({ ...request, addresses: [] }, { ...container, links })).toEqual([]);
});

test('only addresses without a host route are routed again', () => {
  expect(unroutedOnHost(request, host)).toEqual([]);
  expect(unroutedOnHost(request, { ...host, routes: [] })).toEqual(request.addresses);
  expect(unroutedOnHost({ ...request, hostRoutes: false }, { ...host, routes: [] })).toEqual([]);
});
