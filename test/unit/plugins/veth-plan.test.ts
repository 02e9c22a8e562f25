import { describe, expect, test } from 'vitest';
import {
  containerLines,
  containerSysctls,
  createLines,
  hostLines,
  hostSysctls,
  macFrom,
  type VethRequest,
} from '../../../plugins/veth-plan.ts';

const request: VethRequest = {
  hostName: 'cali0123456789a',
  containerName: 'eth0',
  mac: '02:00:00:00:00:01',
  mtu: 0,
  queues: 1,
  addresses: [{ family: 4, address: '10.0.0.5' }],
  routes: [
    { family: 4, dst: '0.0.0.0/0' },
    { family: 6, dst: '::/0' },
  ],
  allowIpForwarding: false,
  hostRoutes: true,
};
const dual: VethRequest = { ...request, addresses: [...request.addresses, { family: 6, address: 'fd00::5' }] };
const text = (lines: readonly { line: string }[]) => lines.map(({ line }) => line);

describe('the pair', () => {
  test('has its far end born in the netns under its final name with its MAC, and its own end up at once', () => {
    expect(text(createLines(request, '/proc/7/fd/9'))).toEqual([
      'link add name cali0123456789a address ee:ee:ee:ee:ee:ee txqueuelen 0 numtxqueues 1 numrxqueues 1 type veth ' +
        'peer name eth0 address 02:00:00:00:00:01 txqueuelen 0 numtxqueues 1 numrxqueues 1 netns /proc/7/fd/9',
      'link set dev cali0123456789a up',
    ]);
  });

  test('has MTU and queues on both ends', () => {
    const line = text(createLines({ ...request, mtu: 1410, queues: 2 }, '/n'))[0] ?? '';
    expect(line.match(/mtu 1410 txqueuelen 0 numtxqueues 2 numrxqueues 2/g)).toHaveLength(2);
  });

  test('keeps a name that iproute2 would take for a comment out of its reach', () => {
    expect(text(createLines({ ...request, containerName: '#x' }, '/n'))[0]).toContain('peer name "#x" ');
  });
});

describe('inside the container', () => {
  test('IPv4 goes by way of 169.254.1.1, and IPv6 by the host end, whose address is known beforehand', () => {
    expect(text(containerLines(dual, 'add'))).toEqual([
      'link set dev eth0 up',
      'addr add 10.0.0.5/32 dev eth0',
      'addr add fd00::5/128 dev eth0',
      'route add 169.254.1.1/32 dev eth0 scope link',
      'route add 0.0.0.0/0 via 169.254.1.1 dev eth0',
      'route add ::/0 via fe80::ecee:eeff:feee:eeee dev eth0',
    ]);
  });

  test('a family without an address gets neither routes nor sysctls', () => {
    expect(text(containerLines(request, 'add')).join('\n')).not.toContain('::');
    expect(containerSysctls(request).map(({ path }) => path)).toEqual(['net/ipv4/ip_forward']);
  });

  test('forwarding is written either way, for each family that has an address', () => {
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
    expect(text(hostLines(dual, dual.addresses))).toEqual([
      'route add 10.0.0.5/32 dev cali0123456789a scope link',
      'route add fd00::5/128 dev cali0123456789a scope link',
    ]);
  });

  test('only settings whose absence harms nobody are soft: IPv6 may be missing from the kernel', () => {
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
