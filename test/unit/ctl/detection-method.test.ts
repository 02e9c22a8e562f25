import { describe, expect, test } from 'vitest';
import { readMethod } from '../../../ctl/init/detection-method.ts';
import { detectAddress, type HostAddresses, type LocalMethod, usedAddress } from '../../../ctl/init/node-address.ts';
import { type Address, parseAddress } from '../../../shared/net/address.ts';

function address(text: string): Address {
  const found = parseAddress(text);
  if (found === undefined) throw new Error(text);
  return found;
}

/** Interfaces in the kernel's order: the oldest first. */
const host = (...lines: readonly string[]): HostAddresses => ({
  addresses: lines.map((line) => {
    const [interfaceName = '', cidr = ''] = line.split(' ');
    const [text = '', length] = cidr.split('/');
    return { interfaceName, address: address(text), length: Number(length) };
  }),
  defaultInterface: { 4: 'eth0', 6: 'eth0' },
});

const MACHINE = host(
  'lo 127.0.0.1/8',
  'eth0 10.0.0.7/24',
  'eth0 10.0.0.8/24',
  'eth0 fe80::7/64',
  'eth0 2001:db8::7/64',
  'bond4 192.168.3.7/16',
  'docker0 172.17.0.1/16',
  'cali0123456789a 169.254.1.1/32',
);

function found(text: string, family: 4 | 6, machine = MACHINE): string | undefined {
  return detectAddress(machine, family, readMethod(text) as LocalMethod)?.cidr;
}

describe('a method of finding the node’s address', () => {
  test.each([
    ['first-found', 4, '192.168.3.7/16'],
    ['first-found', 6, '2001:db8::7/64'],
    ['interface=eth0', 4, '10.0.0.7/24'],
    ['interface=eth.*', 4, '10.0.0.7/24'],
    ['interface=eno1,eth0', 4, '10.0.0.7/24'],
    ['interface=bond4 , eth0', 4, '192.168.3.7/16'],
    ['interface=bond4', 6, undefined],
    ['interface=docker', 4, '172.17.0.1/16'],
    ['interface=th', 4, '10.0.0.7/24'],
    ['interface=^th', 4, undefined],
    ['skip-interface=bond.*', 4, '10.0.0.7/24'],
    ['skip-interface=bond.*,eth0', 4, undefined],
    ['cidr=10.0.0.0/8', 4, '10.0.0.7/24'],
    ['cidr=10.0.0.8/32', 4, '10.0.0.8/24'],
    ['cidr=172.16.0.0/12,10.0.0.0/8', 4, '172.17.0.1/16'],
    ['cidr=11.0.0.0/8', 4, undefined],
    ['cidr=2001:db8::/32', 6, '2001:db8::7/64'],
    ['', 4, '10.0.0.7/24'],
  ] as const)('%s for IPv%d: %s', (text, family, cidr) => {
    expect(found(text, family)).toBe(cidr);
  });

  test.each(
    [
      'docker0 docker_gwbridge cbr0 dummy0 podman1 virbr0 lxcbr0 veth1a lo cali1 tunl0 flannel.1 kube-ipvs0 cni0',
      'vxlan.calico vxlan-v6.calico wireguard.cali wg-v6.cali nodelocaldns',
    ].flatMap((names) => names.split(' ')),
  )('first-found skips %s, as calico/node', (name) => {
    expect(found('first-found', 4, host(`${name} 10.9.9.9/24`))).toBeUndefined();
  });

  test.each(['ibmveth0', 'br-0123456789ab', 'xdocker', 'vxlan-calico'])(
    'first-found takes %s, as calico/node',
    (name) => {
      expect(found('first-found', 4, host(`${name} 10.9.9.9/24`))).toBe('10.9.9.9/24');
    },
  );

  test.each([
    'first',
    'interface',
    'interface=',
    'interface=(',
    'cidr=10.0.0.0',
    'cidr=10.0.0.0/8,',
    'skip-interface=[',
    'x=y',
  ])('%s is refused', (text) => {
    expect(readMethod(text)).toBeUndefined();
  });

  test('names a destination, with all that follows', () => {
    expect(readMethod('can-reach=www.google.com')).toEqual({ by: 'can-reach', destination: 'www.google.com' });
    expect(readMethod('kubernetes-internal-ip')).toEqual({ by: 'kubernetes-internal-ip' });
  });
});

test('an address that is used gets the network of its interface', () => {
  const what = 'which reaches 8.8.8.8';
  expect(usedAddress(MACHINE, address('10.0.0.8'), what)).toEqual({ cidr: '10.0.0.8/24', why: `of eth0, ${what}` });
  expect(usedAddress(MACHINE, address('10.5.0.8'), what)).toEqual({
    cidr: '10.5.0.8/32',
    why: `${what}; no interface of this machine has it`,
  });
});
