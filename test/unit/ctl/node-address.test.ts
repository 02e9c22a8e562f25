import { describe, expect, test } from 'vitest';
import { defaultInterface4, defaultInterface6 } from '../../../ctl/init/default-route.ts';
import { detectAddress, givenAddress, type HostAddresses } from '../../../ctl/init/node-address.ts';
import { parseAddress } from '../../../shared/net/address.ts';

const ROUTED = { by: 'default-route' } as const;

function host(texts: readonly string[], route4 = '', route6 = ''): HostAddresses {
  const addresses = texts.flatMap((line) => {
    const [interfaceName = '', cidr = ''] = line.split(' ');
    const [text = '', length] = cidr.split('/');
    const address = parseAddress(text);
    return address === undefined ? [] : [{ interfaceName, address, length: Number(length) }];
  });
  return { addresses, defaultInterface: { 4: route4, 6: route6 } };
}

describe('the address by which other nodes reach this one', () => {
  const MANY = [
    'lo 127.0.0.1/8',
    'docker0 172.17.0.1/16',
    'eth1 10.1.0.5/16',
    'eth0 192.168.0.7/24',
    'eth0 192.168.0.8/24',
  ];
  test.each<readonly [string, HostAddresses, string, string]>([
    [
      'is the default route’s',
      host(MANY, 'eth0'),
      '192.168.0.7/24',
      'of eth0, the default route’s; others: 10.1.0.5, 192.168.0.8',
    ],
    [
      'is the first of a plain interface without such a route',
      host(MANY),
      '10.1.0.5/16',
      'of eth1, the first found; others: 192.168.0.7, 192.168.0.8',
    ],
    [
      'is the default route’s, though it is a bridge',
      host(['br-1a2b3c 10.0.0.4/24', 'eth1 10.1.0.5/16'], 'br-1a2b3c'),
      '10.0.0.4/24',
      'of br-1a2b3c, the default route’s; others: 10.1.0.5',
    ],
    [
      'is not link-local',
      host(['eth0 169.254.3.4/16', 'eth1 10.1.0.5/16'], 'eth0'),
      '10.1.0.5/16',
      'of eth1, the first found',
    ],
    ['is the only one', host(['eth0 10.1.0.5/32'], 'eth0'), '10.1.0.5/32', 'of eth0, the default route’s'],
  ])('%s', (_, addresses, cidr, why) => {
    expect(detectAddress(addresses, 4, ROUTED)).toEqual({ cidr, why });
  });

  test('is of the requested family, and not link-local', () => {
    const both = host(['eth0 10.1.0.5/16', 'eth0 fe80::1/64', 'eth0 2001:db8::5/64'], 'eth0', 'eth0');
    expect(detectAddress(both, 6, ROUTED)).toEqual({ cidr: '2001:db8::5/64', why: 'of eth0, the default route’s' });
  });

  test.each([
    'lo',
    'docker0',
    'virbr0',
    'veth12ab',
    'cali0123456789a',
    'tunl0',
    'flannel.1',
    'cni0',
    'vxlan.calico',
    'vxlan-v6.calico',
    'wireguard.cali',
    'kube-ipvs0',
    'nodelocaldns',
    'dummy0',
    'br-0123456789ab',
    'lxcbr0',
  ])('is not %s’s', (name) => {
    expect(detectAddress(host([`${name} 10.9.9.9/24`]), 4, ROUTED)).toBeUndefined();
  });

  test.each([
    ['10.1.0.5', '10.1.0.5/16', 'of eth1, as given'],
    ['10.1.0.5/24', '10.1.0.5/24', 'of eth1, as given'],
    ['10.7.0.1', '10.7.0.1/32', 'as given; no interface of this machine has it'],
    ['10.7.0.1/20', '10.7.0.1/20', 'as given; no interface of this machine has it'],
  ])('may be given: %s', (text, cidr, why) => {
    expect(givenAddress(host(MANY), 4, text)).toEqual({ cidr, why });
  });

  test.each([
    '',
    'node1',
    '10.1.0',
    '10.1.0.5/33',
    '10.1.0.5/',
    '10.1.0.5/16/1',
    '127.0.0.1',
    '0.0.0.0',
    '169.254.1.1',
    '224.0.0.5',
    '255.255.255.255',
    'fd00::1',
  ])('cannot be %s', (text) => {
    expect(givenAddress(host(MANY), 4, text)).toBeUndefined();
  });

  test.each(['::', '::1', 'fe80::1', 'ff02::1', '10.0.0.1', '2001:db8::1/129'])('of IPv6 cannot be %s', (text) => {
    expect(givenAddress(host(MANY), 6, text)).toBeUndefined();
  });
});

describe('a default route', () => {
  const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';
  test('of IPv4 is the one with the lowest metric', () => {
    const table = [
      HEAD,
      'eth1\t00000000\t0101A8C0\t0003\t0\t0\t200\t00000000\t0\t0\t0',
      'eth0\t00000000\tFE00000A\t0003\t0\t0\t100\t00000000\t0\t0\t0',
      'eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
      '*\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0',
    ].join('\n');
    expect(defaultInterface4(table)).toBe('eth0');
    expect(defaultInterface4(HEAD)).toBe('');
    expect(defaultInterface4('')).toBe('');
  });

  test('of IPv6 is not an unreachable route', () => {
    const zero = '0'.repeat(32);
    const line = (metric: string, flags: string, name: string) =>
      `${zero} 00 ${zero} 00 ${zero} ${metric} 00000001 00000000 ${flags} ${name}`;
    const table = [
      line('ffffffff', '00200200', 'lo'),
      line('00000400', '00000003', 'eth0'),
      line('00000100', '00000003', 'eth1'),
    ];
    expect(defaultInterface6(table.join('\n'))).toBe('eth1');
    expect(defaultInterface6(line('ffffffff', '00200200', 'lo'))).toBe('');
  });
});
