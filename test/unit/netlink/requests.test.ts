import { describe, expect, test } from 'vitest';
import { getAddresses, newAddress, readAddress } from '../../../shared/netlink/address.ts';
import { newNetkit, newVeth, readLink, setMac, setUp } from '../../../shared/netlink/link.ts';
import { attribute, attributes, Flag, join, readCount, readText, u32 } from '../../../shared/netlink/message.ts';
import { getNetnsNumber, readNetnsNumber } from '../../../shared/netlink/netns-number.ts';
import { deleteRoute, getRoutes, newRoute, readRoute } from '../../../shared/netlink/route.ts';

const received = (body: Uint8Array) => ({ type: 0, flags: 0, body });

describe('links', () => {
  const end = { mac: '02:00:00:00:00:01', mtu: 1410, queues: 2 };
  const request = newVeth({ ...end, name: 'calix' }, { ...end, name: 'eth0', mac: '02:00:00:00:00:02' }, 9);

  test('a pair is created with its near end up and with every setting in the request', () => {
    expect(request.flags).toBe(Flag.create | Flag.exclusive);
    expect(readLink(received(request.body))).toEqual({
      ...{ index: 0, name: 'calix', up: true, mac: end.mac, mtu: 1410, peer: 0, peerNetns: undefined },
    });
  });

  test("the far end is nested in it with the container's namespace, and is down", () => {
    const info = attributes(attributes(request.body, 16).get(18) ?? new Uint8Array(), 0);
    expect(readText(info.get(1))).toBe('veth');
    const peer = attributes(info.get(2) ?? new Uint8Array(), 0).get(1) ?? Buffer.alloc(0);
    expect(readLink(received(peer))).toMatchObject({ name: 'eth0', up: false, mac: '02:00:00:00:00:02', mtu: 1410 });
    expect(readCount(attributes(peer, 16).get(28))).toBe(9);
  });

  test('a netkit pair is in L2 mode, its primary end is here, and both ends stay down until they have their MACs', () => {
    const netkit = newNetkit({ name: 'calix', mtu: 1410 }, { name: 'eth0', mtu: 1410 }, 9);
    expect(readLink(received(netkit.body))).toMatchObject({ name: 'calix', up: false, mtu: 1410 });
    const info = attributes(attributes(netkit.body, 16).get(18) ?? new Uint8Array(), 0);
    expect(readText(info.get(1))).toBe('netkit');
    const data = attributes(info.get(2) ?? new Uint8Array(), 0);
    expect(readCount(data.get(5))).toBe(0);
    const peer = data.get(1) ?? Buffer.alloc(0);
    expect(readLink(received(peer))).toMatchObject({ name: 'eth0', up: false, mtu: 1410 });
    expect(readCount(attributes(peer, 16).get(28))).toBe(9);
  });

  test("a MAC is set on a link by its name, and leaves the link's state alone", () => {
    const { body } = setMac('eth0', '02:00:00:00:00:01');
    expect(readLink(received(body))).toMatchObject({ name: 'eth0', mac: '02:00:00:00:00:01' });
    expect(Buffer.from(body).readUInt32LE(12)).toBe(0);
  });

  test('an MTU of 0 is omitted', () => {
    expect(attributes(setUp('eth0', 0).body, 16).has(4)).toBe(false);
    expect(readCount(attributes(setUp('eth0', 1400).body, 16).get(4))).toBe(1400);
  });
});

describe('addresses', () => {
  test.each([
    [4, '10.0.0.5', '10.0.0.5/32'],
    [6, 'fd00::5', 'fd00::5/128'],
  ] as const)('an IPv%i address stands alone', (family, address, cidr) => {
    expect(readAddress(received(newAddress(7, family, address, false).body))).toEqual({ index: 7, cidr });
  });

  test('are created, or accepted as they are', () => {
    expect(newAddress(7, 4, '10.0.0.5', false).flags).toBe(Flag.create | Flag.exclusive);
    expect(newAddress(7, 4, '10.0.0.5', true).flags).toBe(Flag.create | Flag.replace);
  });

  test('are requested for one link', () => {
    expect(Buffer.from(getAddresses(7).body).readUInt32LE(4)).toBe(7);
  });
});

describe('routes', () => {
  const PLAIN = { family: 4, index: 3, kind: 'unicast', protocol: 3, metric: 0, isMain: true };

  test('that are to be deleted carry the fields that identify them', () => {
    const unwanted = { family: 6, dst: '::/0', kind: 'unicast', protocol: 3, index: 3, metric: 5 } as const;
    expect(readRoute(received(deleteRoute(unwanted).body))).toMatchObject({
      ...unwanted,
      dst: 'default',
      isMain: true,
    });
    const blackhole = { family: 4, dst: '10.0.0.5/32', kind: 'blackhole', protocol: 12, index: 0, metric: 0 } as const;
    const { type, body } = deleteRoute(blackhole);
    expect(type).toBe(25);
    expect(readRoute(received(body))).toMatchObject(blackhole);
    expect(attributes(body, 12).size).toBe(1);
  });

  test('without a next hop point to the link', () => {
    const route = readRoute(received(newRoute({ family: 4, dst: '169.254.1.1/32', index: 3 }, false).body));
    expect(route).toEqual({ ...PLAIN, dst: '169.254.1.1/32', via: '', scope: 'link' });
  });

  test.each([
    [4, '0.0.0.0/0', '169.254.1.1', 'default'],
    [6, '::/0', 'fe80::1', 'default'],
    [4, '10.0.0.0/8', '169.254.1.1', '10.0.0.0/8'],
  ] as const)('of IPv%i to %s via %s', (family, dst, via, shown) => {
    const route = readRoute(received(newRoute({ family, dst, index: 3, via }, true).body));
    expect(route).toEqual({ ...PLAIN, family, dst: shown, via, scope: 'universe' });
  });

  test('are requested from all tables, and for one link only if it is given', () => {
    expect(attributes(getRoutes(4).body, 12).size).toBe(0);
    expect(readCount(attributes(getRoutes(6, 5).body, 12).get(4))).toBe(5);
  });
});

test('the ID of another namespace is requested by file descriptor, and may not exist', () => {
  expect(readCount(attributes(getNetnsNumber(9).body, 4).get(3))).toBe(9);
  expect(readNetnsNumber(received(new Uint8Array(4)))).toBe(-1);
  const answer = join(new Uint8Array(4), attribute(1, u32(3)));
  expect(readNetnsNumber(received(answer))).toBe(3);
});
