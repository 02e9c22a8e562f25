import { addressBits, type Family } from '../../shared/net/address.ts';
import { type Cidr, size } from '../../shared/net/cidr.ts';
import type { Boundary } from '../nftables/set.ts';

/** The ranges of addresses that networks of one family make up: apart from each other, and in order. */
export function rangesOf(networks: readonly Cidr[]): readonly Boundary[] {
  const inOrder = networks.toSorted((a, b) => (a.base < b.base ? -1 : a.base > b.base ? 1 : a.length - b.length));
  const ranges: { readonly from: bigint; to: bigint }[] = [];
  for (const network of inOrder) {
    const to = network.base + size(network);
    const last = ranges.at(-1);
    if (last === undefined || last.to < network.base) ranges.push({ from: network.base, to });
    else if (last.to < to) last.to = to;
  }
  const [family] = networks.map((network) => network.family);
  return family === undefined ? [] : ranges.flatMap(({ from, to }) => boundaries(family, from, to));
}

/** A range up to the last address of all has no end. */
function boundaries(family: Family, from: bigint, to: bigint): readonly Boundary[] {
  const start = { address: bytesOf(family, from), isEnd: false };
  const isLast = to === 1n << BigInt(addressBits(family));
  return isLast ? [start] : [start, { address: bytesOf(family, to), isEnd: true }];
}

function bytesOf(family: Family, value: bigint): Uint8Array {
  const bytes = new Uint8Array(addressBits(family) / 8);
  let rest = value;
  for (let at = bytes.length - 1; at >= 0; at--, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  return bytes;
}
