import { describe, expect, test } from 'vitest';
import { macFrom } from '../../../plugins/decide/wanted-pair.ts';
import {
  containerSteps,
  containerSysctls,
  createSteps,
  hostSteps,
  hostSysctls,
  type Step,
  type VethRequest,
} from '../../../plugins/linux/veth-plan.ts';
import { VETH } from './veth-request.ts';

const request: VethRequest = { ...VETH, hostName: 'cali0123456789a' };
const dual: VethRequest = { ...request, addresses: [...request.addresses, { family: 6, address: 'fd00::5' }] };
/** The steps without their error texts. */
const done = (steps: readonly Step[]) => steps.map(({ failure: _, ...step }) => step);

describe('the pair', () => {
  test('has a fixed MAC on the host; the container end is created with its final name and MAC', () => {
    const here = { name: 'cali0123456789a', mac: 'ee:ee:ee:ee:ee:ee', mtu: 0, queues: 1 };
    const there = { name: 'eth0', mac: '02:00:00:00:00:01', mtu: 0, queues: 1 };
    expect(done(createSteps(request))).toEqual([{ make: 'veth', here, there }]);
  });

  test('has MTU and queues on both ends', () => {
    const [pair] = createSteps({ ...request, mtu: 1410, queues: 2 });
    expect(pair).toMatchObject({ here: { mtu: 1410, queues: 2 }, there: { mtu: 1410, queues: 2 } });
  });

  test('has an extra device when egress is limited', () => {
    const shaping = { ingressRate: 0, ingressBurst: 0, egressRate: 1000, egressBurst: 1000, device: 'bwcali627a0cdce' };
    expect(done(createSteps({ ...request, mtu: 1410, shaping }))[1]).toEqual({
      make: 'ifb',
      name: 'bwcali627a0cdce',
      mtu: 1410,
    });
    expect(createSteps({ ...request, shaping: { ...shaping, egressRate: 0, ingressRate: 9 } })).toHaveLength(1);
  });
});

describe('inside the container', () => {
  test('the next hop is 169.254.1.1 for IPv4, and the host end’s known address for IPv6', () => {
    const [v4, v6] = dual.addresses;
    const route = (family: 4 | 6, dst: string, via?: string) => {
      const to = { family, dst, ...(via === undefined ? {} : { via }) };
      return { make: 'route', over: 'eth0', route: to, verb: 'add' };
    };
    expect(done(containerSteps(dual, 'add'))).toEqual([
      { make: 'up', name: 'eth0', mtu: 0 },
      { make: 'address', on: 'eth0', address: v4, verb: 'add' },
      { make: 'address', on: 'eth0', address: v6, verb: 'add' },
      route(4, '169.254.1.1/32'),
      route(4, '0.0.0.0/0', '169.254.1.1'),
      route(6, '::/0', 'fe80::ecee:eeff:feee:eeee'),
    ]);
  });

  test('repair also corrects the MTU', () => {
    expect(containerSteps({ ...request, mtu: 1410 }, 'replace')[0]).toMatchObject({ make: 'up', mtu: 1410 });
  });

  test('a family without an address gets neither routes nor sysctls', () => {
    expect(JSON.stringify(containerSteps(request, 'add'))).not.toContain('::');
    expect(containerSysctls(request).map(({ path }) => path)).toEqual(['net/ipv4/ip_forward']);
  });

  test('forwarding is switched on or off, for each family with an address', () => {
    const values = (r: VethRequest) =>
      containerSysctls(r)
        .filter(({ path }) => path.includes('forward'))
        .map((s) => s.value);
    expect(values(dual)).toEqual(['0', '0']);
    expect(values({ ...dual, allowIpForwarding: true })).toEqual(['1', '1']);
  });
});

describe('on the host', () => {
  test('each address is routed to the host end', () => {
    const routes = hostSteps(dual, dual.addresses).map((step) => step.make === 'route' && step.route);
    expect(routes).toEqual([
      { family: 4, dst: '10.0.0.5/32' },
      { family: 6, dst: 'fd00::5/128' },
    ]);
  });

  test('only settings that may be missing are optional: the kernel may lack IPv6', () => {
    const soft = hostSysctls(request)
      .filter((sysctl) => sysctl.soft)
      .map(({ path }) => path);
    expect(soft).toEqual(['net/ipv4/neigh/cali0123456789a/proxy_delay', 'net/ipv6/conf/cali0123456789a/accept_ra']);
    expect(hostSysctls(request).filter(({ path }) => path.includes('ipv6'))).toHaveLength(1);
  });
});

test('a MAC made from random bytes is locally administered and unicast', () => {
  expect(macFrom(new Uint8Array([0xff, 1, 2, 3, 4, 5]))).toBe('fe:01:02:03:04:05');
  expect(macFrom(new Uint8Array([0x00, 1, 2, 3, 4, 5]))).toBe('02:01:02:03:04:05');
});
