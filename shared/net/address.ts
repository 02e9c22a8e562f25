import ipaddr from 'ipaddr.js';

export type Family = 4 | 6;

/** An IP address. `text` is canonical: dotted decimal, or RFC 5952 for IPv6. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
  readonly text: string;
}

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^(?:${OCTET}\\.){3}${OCTET}$`);
/** Longest text of an IPv6 address: eight groups, the last two as dotted decimal. */
const MAX_LENGTH = 45;
const MAPPED = 0xffffn;

/** Number of bits of an address. */
export const addressBits = (family: Family): number => (family === 4 ? 32 : 128);

/**
 * An address as Go's net.ParseIP takes it: no leading zeros, no short forms, no zone; an IPv4-mapped IPv6 address is the
 * IPv4 address. Undefined when the text is none.
 */
export function parseAddress(text: string): Address | undefined {
  if (IPV4.test(text)) return { family: 4, value: ipv4Value(text), text };
  const value = ipv6Value(text);
  if (value === undefined) return undefined;
  const family = isMapped(value) ? 4 : 6;
  return addressOf(family, family === 4 ? value & 0xffffffffn : value);
}

/** The address with this number, 0 up to 2^32 or 2^128. */
export const addressOf = (family: Family, value: bigint): Address => ({
  family,
  value,
  text: addressText(family, value),
});

/** Canonical text of the address with this number. */
export function addressText(family: Family, value: bigint): string {
  if (family === 4) return new ipaddr.IPv4(digits(value, 4, 8)).toString();
  return new ipaddr.IPv6(digits(value, 8, 16)).toRFC5952String();
}

/** Whether an IPv6 number lies in ::ffff:0:0/96. */
export const isMapped = (value: bigint): boolean => value >> 32n === MAPPED;

function ipv4Value(text: string): bigint {
  return BigInt(ipaddr.IPv4.parse(text).octets.reduce((sum, octet) => sum * 256 + octet, 0));
}

/** The 128 bits an IPv6 text stands for, mapped or not. */
export function ipv6Value(text: string): bigint | undefined {
  if (text.length > MAX_LENGTH || !text.includes(':') || text.includes('%')) return undefined;
  const groups = withoutDots(text);
  // ipaddr.js throws on what is no address, after this test as before it, but exceptions are dear.
  if (groups === undefined || !ipaddr.IPv6.isValid(groups)) return undefined;
  return ipaddr.IPv6.parse(groups).parts.reduce((sum, part) => (sum << 16n) | BigInt(part), 0n);
}

/** The text with a dotted tail written as two groups: ipaddr.js takes `::1.2.3.4` for a mapped address and octets in octal. */
function withoutDots(text: string): string | undefined {
  if (!text.includes('.')) return text;
  const cut = text.lastIndexOf(':') + 1;
  const tail = text.slice(cut);
  if (!IPV4.test(tail)) return undefined;
  const value = Number(ipv4Value(tail));
  return `${text.slice(0, cut)}${Math.floor(value / 0x10000).toString(16)}:${(value % 0x10000).toString(16)}`;
}

/** The number in `count` digits of `width` bits, most significant first. */
function digits(value: bigint, count: number, width: number): number[] {
  return Array.from({ length: count }, (_, index) =>
    Number(BigInt.asUintN(width, value >> BigInt((count - 1 - index) * width))),
  );
}
