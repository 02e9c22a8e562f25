import { addressBytes, addressFrom, type Family } from '../net/address.ts';
import { attribute, attributes, Flag, join, type NetlinkRequest, type Received, readCount, u32 } from './message.ts';

/** Message types of rtnetlink's addresses (linux/rtnetlink.h). */
export const AddressMessage = { new: 20, del: 21, get: 22 } as const;
/** Their attributes (linux/if_addr.h). */
const Attr = { address: 1, local: 2 };
const IFADDR = 8;

/** The kernel's names for the address families (socket.h). */
export const AF = { 4: 2, 6: 10 } as const;

/** An address on an interface. */
export interface LinkAddress {
  readonly index: number;
  /** Bare address and prefix length. */
  readonly cidr: string;
}

/** An address that is usable at once: nobody on the link is asked whether he has it (duplicate address detection). */
export const UNASKED = 0x02;

/** Adds an address, as /32 or /128, to interface `index`; with `replace` it may already exist. */
export function newAddress(
  index: number,
  family: Family,
  address: string,
  replace: boolean,
  flags: 0 | typeof UNASKED = 0,
): NetlinkRequest {
  const bytes = addressBytes(address);
  const header = join(Uint8Array.of(AF[family], bytes.length * 8, flags, 0), u32(index));
  return {
    type: AddressMessage.new,
    flags: Flag.create | (replace ? Flag.replace : Flag.exclusive),
    body: join(header, attribute(Attr.local, bytes), attribute(Attr.address, bytes)),
  };
}

/** Removes an address, with its prefix length, from an interface. */
export function deleteAddress({ index, cidr }: LinkAddress): NetlinkRequest {
  const [address = '', length = ''] = cidr.split('/');
  const bytes = addressBytes(address);
  const header = join(Uint8Array.of(bytes.length === 4 ? AF[4] : AF[6], Number(length), 0, 0), u32(index));
  return { type: AddressMessage.del, flags: 0, body: join(header, attribute(Attr.local, bytes)) };
}

/** Requests the addresses of interface `index`, or with 0 of all, in one family or in both. */
export const getAddresses = (index: number, family?: Family): NetlinkRequest => ({
  type: AddressMessage.get,
  flags: Flag.dump,
  body: join(Uint8Array.of(family === undefined ? 0 : AF[family], 0, 0, 0), u32(index)),
});

/** The address in a message. */
export function readAddress({ body }: Received): LinkAddress {
  const found = attributes(body, IFADDR);
  const bytes = found.get(Attr.local) ?? found.get(Attr.address) ?? new Uint8Array();
  return { index: readCount(body, 4) ?? 0, cidr: `${addressFrom(bytes)}/${body[1]}` };
}
