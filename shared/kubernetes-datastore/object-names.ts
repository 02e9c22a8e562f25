import { sha3, sha256 } from '../bytes/hash.ts';
import { type Cidr, parseCidr } from '../net/cidr.ts';

/** The longest valid object name. */
const MOST = 253;

/** A block's object name: its CIDR with dashes, e.g. `10-0-0-64-26`, `fd00-1--c0-122`. */
export const blockName = (cidr: Cidr): string => cidr.text.replace(/[.:/]/g, '-');

/** The block of an object name; undefined when it is not a block's. */
export function blockOfName(name: string): Cidr | undefined {
  const at = name.lastIndexOf('-');
  const address = name.slice(0, at);
  const separator = /^\d+-\d+-\d+-\d+$/.test(address) ? '.' : ':';
  const cidr = parseCidr(`${address.replaceAll('-', separator)}/${name.slice(at + 1)}`);
  return cidr !== undefined && blockName(cidr) === name ? cidr : undefined;
}

/** Lengths for shortened names: of host and block together, and of the hash that replaces the rest. */
const HOST_AND_BLOCK = 239;
const HASH_DIGITS = 11;

/** An affinity's object name: `<host>-<block>`; a long host is cut, and a hash appended. */
export function affinityName(host: string, cidr: Cidr): string {
  const block = blockName(cidr);
  const name = `${host}-${block}`;
  if (name.length < MOST) return name;
  const hash = sha256(`${host}+${block}`).slice(0, HASH_DIGITS);
  return `${host.slice(0, HOST_AND_BLOCK - block.length)}-${block}-${hash}`;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The label value that selects a host's affinities: SHA3-256 in base 32 (RFC 4648), without padding. */
export function hostnameHash(host: string): string {
  const digits = sha3(host);
  let text = '';
  // Twenty bits at a time: five hexadecimal digits, four of base 32.
  for (let at = 0; at < digits.length; at += 5) {
    const bits = Number.parseInt(digits.slice(at, at + 5).padEnd(5, '0'), 16);
    for (const shift of [15, 10, 5, 0]) text += BASE32[(bits >> shift) & 31];
  }
  return text;
}
