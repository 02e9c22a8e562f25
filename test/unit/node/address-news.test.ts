import { expect, test } from 'vitest';
import { changesIn } from '../../../node/run/address-news.ts';
import { deleteAddress, newAddress, UNASKED } from '../../../shared/netlink/address.ts';
import type { Received } from '../../../shared/netlink/message.ts';

/** A request is as the kernel tells of it. */
const gone = (cidr: string): Received => deleteAddress({ index: 2, cidr });
const come = (address: string): Received => newAddress(2, 4, address, false, UNASKED);
const ofLink = ({ type, flags, body }: Received): Received => {
  const bytes = new Uint8Array(body);
  bytes[3] = 253;
  return { type, flags, body: bytes };
};

test('nothing told is nothing new, and so are addresses of links, which each pod has', () => {
  expect(changesIn([]).isNone).toBe(true);
  expect(changesIn([ofLink(gone('fe80::1/64'))]).isNone).toBe(true);
  expect(changesIn([{ type: 24, flags: 0, body: new Uint8Array(12) }]).isNone).toBe(true);
});

test('an address that has come is news, and none that is gone', () => {
  const changes = changesIn([come('10.0.0.9')]);
  expect([changes.isNone, changes.isGone('10.0.0.9')]).toEqual([false, false]);
});

test('an address that is gone, in either family', () => {
  const changes = changesIn([gone('10.0.0.1/24'), gone('fd00::1/64')]);
  expect([changes.isNone, changes.isGone('10.0.0.1'), changes.isGone('fd00::1'), changes.isGone('10.0.0.2')]).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test('when the kernel could not tell all, any may be gone', () => {
  expect([changesIn(undefined).isNone, changesIn(undefined).isGone('10.0.0.1')]).toEqual([false, true]);
});
