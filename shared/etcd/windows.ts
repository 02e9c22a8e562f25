import { addressText } from '../net/address.ts';
import { type Cidr, containsCidr, network, size } from '../net/cidr.ts';
import { prefixEnd } from './key-store.ts';
import { blocksPrefix } from './keys.ts';
import { type Parent, type SearchedPool, unitLength } from './parents.ts';

/**
 * A section of a pool that is small enough to read at once. Keys are ordered as text (10.10.100.0 before 10.10.9.0), and a
 * window is a run of neighbours in that order, so etcd can list and count it as one range.
 */
export interface Window {
  readonly from: string;
  readonly to: string;
  /** How many of the pool's blocks it contains. */
  readonly size: number;
  /** Whether no other pool's blocks can be in between, so that the number of keys shows how many blocks are missing. */
  readonly exact: boolean;
  /** The pool's blocks in it, in numeric order. */
  readonly blocks: () => readonly Cidr[];
}

/** Blocks per window, approximately. */
const RUN = 64;
const octetsInKeyOrder = (): readonly number[] =>
  Array.from({ length: 256 }, (_, octet) => `${octet}.`)
    .sort()
    .map((octet) => Number.parseInt(octet, 10));

/** The windows of a parent, in key order. */
export const windowsOf = (pool: SearchedPool, parent: Parent): readonly Window[] =>
  pool.cidr.family === 4 ? windows4(pool, parent) : windows6(pool, parent);

function windows4(pool: SearchedPool, { stem, cidr }: Parent): readonly Window[] {
  const unit = unitLength(pool);
  const above = (cidr.base >> BigInt(40 - unit)) << BigInt(40 - unit);
  const unitAt = (octet: number) => network(4, above + (BigInt(octet) << BigInt(32 - unit)), unit);
  const perUnit = Math.min(2 ** (pool.blockSize - unit), Number(size(cidr) >> BigInt(32 - pool.blockSize)));
  const first = Number((cidr.base >> BigInt(32 - unit)) & 255n);
  const last = first + 2 ** Math.max(0, unit - cidr.length) - 1;
  const isInside = (octet: number) => first <= octet && octet <= last;
  return runs(octetsInKeyOrder(), Math.max(1, Math.floor(RUN / 2 ** (pool.blockSize - unit)))).flatMap(
    (run, index, all) => {
      const inside = run.filter(isInside);
      if (inside.length === 0) return [];
      const next = all[index + 1]?.[0];
      return {
        from: `${stem}${run[0]}.`,
        to: next === undefined ? prefixEnd(stem) : `${stem}${next}.`,
        size: inside.length * perUnit,
        exact: inside.length === run.length && containsCidr(cidr, unitAt(inside[0] ?? 0)),
        blocks: () =>
          [...inside]
            .sort((a, b) => a - b)
            .flatMap((octet) => split(unitAt(octet), pool.blockSize).filter((block) => containsCidr(cidr, block))),
      };
    },
  );
}

/**
 * Within a /112, blocks differ in the last hextet. Where that is 0, the address may be spelt differently from the others
 * (1:2:3:4:5:6:: beside 1:2:3:4:5:6:0:40), so it is a window of its own.
 */
function windows6(pool: SearchedPool, { stem, cidr }: Parent): readonly Window[] {
  const blockAt = (hextet: number) => network(6, ((cidr.base >> 16n) << 16n) + BigInt(hextet), pool.blockSize);
  const zero = `${blocksPrefix(6)}${addressText(6, (cidr.base >> 16n) << 16n)}-`;
  const named = hextetsOf(pool, cidr).map((hextet) => ({
    hextet,
    from: hextet === 0 ? zero : `${stem}${hextet.toString(16)}-`,
  }));
  const odd = named.filter(({ from }) => !from.startsWith(stem));
  const alike = named.filter(({ from }) => from.startsWith(stem)).sort((a, b) => (a.from < b.from ? -1 : 1));
  const groups = [...odd.map((block) => [block]), ...runs(alike, RUN)];
  return groups.map((run, index) => ({
    from: run[0]?.from ?? stem,
    to: (index < odd.length ? undefined : groups[index + 1]?.[0]?.from) ?? prefixEnd(run.at(-1)?.from ?? stem),
    size: run.length,
    // After `::` the same text may continue with more than the last hextet.
    exact: !stem.includes('::') && cidr.length === 112,
    blocks: () => run.map(({ hextet }) => blockAt(hextet)).sort((a, b) => (a.base < b.base ? -1 : 1)),
  }));
}

function hextetsOf(pool: SearchedPool, cidr: Cidr): readonly number[] {
  const first = Number(cidr.base & 0xffffn);
  return Array.from(
    { length: 2 ** (pool.blockSize - cidr.length) },
    (_, at) => first + at * 2 ** (128 - pool.blockSize),
  );
}

function split(whole: Cidr, length: number): readonly Cidr[] {
  const step = 1n << BigInt(32 - length);
  return Array.from({ length: 2 ** (length - whole.length) }, (_, at) =>
    network(4, whole.base + BigInt(at) * step, length),
  );
}

const runs = <T>(items: readonly T[], length: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / length) }, (_, run) => items.slice(run * length, (run + 1) * length));
