import { describe, expect, test } from 'vitest';
import { Errno } from '../../../shared/netlink/errno.ts';
import { getLink } from '../../../shared/netlink/link.ts';
import { askIfThere, isMissing, KernelRefused, type Netlink } from '../../../shared/netlink/socket.ts';

/** A kernel that refuses everything for one reason. */
const refusing = (errno: number): Netlink => ({
  ask: () => {
    throw new KernelRefused(errno, '');
  },
  channel: { fd: -1, buffer: new Uint8Array(0) },
  close: () => {},
});

describe.each([
  ['a link', Errno.noDevice],
  ['a table of nf_tables', Errno.noEntry],
  ['a route', Errno.noProcess],
])('%s that is not there', (_, errno) => {
  test('counts as missing', () => expect(isMissing(new KernelRefused(errno, ''))).toBe(true));
  test('is an empty answer', () => expect(askIfThere(refusing(errno), getLink('eth0'))).toEqual([]));
});

test('any other refusal is thrown', () => {
  expect(isMissing(new KernelRefused(Errno.notPermitted, ''))).toBe(false);
  expect(() => askIfThere(refusing(Errno.notPermitted), getLink('eth0'))).toThrow(KernelRefused);
});
