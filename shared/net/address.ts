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
 * Parses an address as Go's net.ParseIP does: no leading zeros, no short forms, no zone; an IPv4-mapped IPv6 address is the
 * IPv4 address. Undefined when the text is not an address.
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
  return family === 4 ? ipv4Text(Number(value)) : ipv6Text(digits(value, 8, 16));
}

const ipv4Text = (value: number): string =>
  `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;

/** RFC 5952: lower case without leading zeros, the first longest run of two zero groups or more as `::`. */
function ipv6Text(groups: readonly number[]): string {
  let [from, length] = [0, 1];
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > length) [from, length] = [start, end - start];
    start = end;
  }
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, from).join(':')}::${hex.slice(from + length).join(':')}`;
}

/** An address's bytes, most significant first; empty when the text is not an address. */
export function addressBytes(text: string): Uint8Array {
  const address = parseAddress(text);
  if (address === undefined) return new Uint8Array();
  return Uint8Array.of(...digits(address.value, addressBits(address.family) / 8, 8));
}

/** Canonical text of an address of 4 or 16 bytes. */
export function addressFrom(bytes: Uint8Array): string {
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return addressText(bytes.length === 4 ? 4 : 6, value);
}

/** Whether an IPv6 number lies in ::ffff:0:0/96. */
export const isMapped = (value: bigint): boolean => value >> 32n === MAPPED;

function ipv4Value(text: string): bigint {
  let value = 0;
  for (const octet of text.split('.')) value = value * 256 + Number(octet);
  return BigInt(value);
}

const GROUP = /^[0-9a-f]{1,4}$/i;
const GROUPS = 8;

/** The 128 bits of an IPv6 text, mapped or not. */
export function ipv6Value(text: string): bigint | undefined {
  if (text.length > MAX_LENGTH || !text.includes(':')) return undefined;
  const [head = '', tail, ...rest] = withoutDots(text)?.split('::') ?? [];
  if (rest.length > 0) return undefined;
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const omitted = GROUPS - before.length - after.length;
  // `::` replaces at least one group.
  if (tail === undefined ? omitted !== 0 : omitted < 1) return undefined;
  const groups = [...before, ...Array.from({ length: omitted }, () => '0'), ...after];
  if (!groups.every((group) => GROUP.test(group))) return undefined;
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(Number.parseInt(group, 16)), 0n);
}

const groupsOf = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));

/** The text with a dotted tail written as two groups; undefined when the tail is not an IPv4 address. */
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
  const found: number[] = [];
  for (let shift = (count - 1) * width; shift >= 0; shift -= width) {
    found.push(Number(BigInt.asUintN(width, value >> BigInt(shift))));
  }
  return found;
}
