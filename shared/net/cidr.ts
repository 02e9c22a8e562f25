import { type Address, addressBits, addressText, type Family, ipv6Value, isMapped, parseAddress } from './address.ts';

/** A network: host bits of `base` are zero, `text` is canonical (`10.10.0.64/26`, `fd00::40/122`). */
export interface Cidr {
  readonly family: Family;
  readonly base: bigint;
  readonly length: number;
  readonly text: string;
}

const MAPPED_BITS = 96;

/**
 * Parses a CIDR as Go's net.ParseCIDR does, host bits cleared; a network inside ::ffff:0:0/96 is the IPv4 network.
 * Undefined when the text is not a CIDR, also for a bare address.
 */
export function parseCidr(text: string): Cidr | undefined {
  const [given = '', prefix = '', ...rest] = text.split('/');
  if (rest.length > 0 || !/^\d+$/.test(prefix)) return undefined;
  const length = Number(prefix);
  return given.includes(':') ? parseCidr6(given, length) : parseCidr4(given, length);
}

function parseCidr4(given: string, length: number): Cidr | undefined {
  const address = parseAddress(given);
  return address === undefined || length > addressBits(4) ? undefined : blockOf(address, length);
}

function parseCidr6(given: string, length: number): Cidr | undefined {
  const value = ipv6Value(given);
  if (value === undefined || length > addressBits(6)) return undefined;
  if (length >= MAPPED_BITS && isMapped(value)) return network(4, value & 0xffffffffn, length - MAPPED_BITS);
  return network(6, value, length);
}

/** The network of `length` bits that contains `value`. */
export function network(family: Family, value: bigint, length: number): Cidr {
  const hostBits = BigInt(addressBits(family) - length);
  const base = (value >> hostBits) << hostBits;
  return { family, base, length, text: `${addressText(family, base)}/${length}` };
}

/** The network of `length` bits that contains an address. */
export const blockOf = (address: Address, length: number): Cidr => network(address.family, address.value, length);

export function contains(cidr: Cidr, address: Address): boolean {
  const hostBits = BigInt(addressBits(cidr.family) - cidr.length);
  return cidr.family === address.family && address.value >> hostBits === cidr.base >> hostBits;
}

/** Whether `outer` contains all of `inner`; a network contains itself. */
export function containsCidr(outer: Cidr, inner: Cidr): boolean {
  const hostBits = BigInt(addressBits(outer.family) - outer.length);
  return (
    outer.family === inner.family && inner.length >= outer.length && inner.base >> hostBits === outer.base >> hostBits
  );
}

export const overlaps = (a: Cidr, b: Cidr): boolean => containsCidr(a, b) || containsCidr(b, a);

/** Number of addresses, including network and broadcast address. */
export const size = (cidr: Cidr): bigint => 1n << BigInt(addressBits(cidr.family) - cidr.length);

/** Text of the address at `ordinal` (0 is the base), which must be less than the network's size. */
export const nthAddress = (cidr: Cidr, ordinal: number | bigint): string =>
  addressText(cidr.family, cidr.base + BigInt(ordinal));

/** The distance of an address from the base; undefined when it is not in the network. Exact up to 2^53. */
export const ordinalOf = (cidr: Cidr, address: Address): number | undefined =>
  contains(cidr, address) ? Number(address.value - cidr.base) : undefined;
