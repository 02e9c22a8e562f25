import { attributeAt, owningNode, settled } from '../../ipam/block/block.ts';
import { type Pool, poolOf } from '../../ipam/config/pools.ts';
import { isReserved, type Reservations } from '../../ipam/config/reservations.ts';
import type { Block } from '../../shared/calico/model.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { countUse, type Use } from '../ipam/utilization.ts';
import { type Claimable, countFreeBlocks, type FreeBlocks } from './free-blocks.ts';

/** What the original calls a block without a node, an address without one, and whatever is in no pool. */
export const UNKNOWN = { owner: 'no_affinity', node: 'unknown_node', pool: 'no_ippool' } as const;

/** Numbers by pool and node. */
type ByPoolAndNode = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** What is counted of the addresses of a cluster. */
export interface Figures {
  readonly pools: readonly (Pick<Pool, 'name' | 'enabled'> & { readonly use: Use; readonly claimable: Claimable })[];
  readonly inUse: ByPoolAndNode;
  readonly borrowed: ByPoolAndNode;
  readonly blocks: ByPoolAndNode;
  /** Blocks that nodes own, and free addresses in them, by node and family. */
  readonly owned: ReadonlyMap<string, Owned>;
}

/** The blocks of one family that a node owns. */
interface Owned {
  readonly node: string;
  readonly family: number;
  blocks: number;
  free: number;
}

/** Counts blocks one after the other, without keeping them. */
export interface FigureCount {
  add(cidr: Cidr, block: Block): void;
  figures(): Figures;
}

/** The settings that the counting depends on. */
export interface CountSettings {
  readonly pools: readonly Pool[];
  readonly reservations: Reservations;
  readonly cooldown: number;
  /** Known nodes: each has a number, though it be 0, in every pool. */
  readonly nodes: readonly string[];
}

export function countFigures({ pools, reservations, cooldown, nodes }: CountSettings, now: bigint): FigureCount {
  const use = countUse(pools, reservations, { now, cooldown });
  const [inUse, borrowed, blocks] = [table(pools, nodes), table(pools, nodes), table([], [])];
  const free = new Map<string, FreeBlocks>(pools.map((pool) => [pool.name, countFreeBlocks(pool, reservations)]));
  const owned = new Map<string, Owned>();
  return {
    add(cidr, read) {
      const pool = poolOf(pools, cidr)?.name ?? UNKNOWN.pool;
      const block = settled(read, now, cooldown);
      const owner = owningNode(block);
      use.add(cidr, block);
      free.get(pool)?.add(cidr);
      increase(blocks, pool, owner ?? UNKNOWN.owner);
      if (owner !== undefined) own(owned, owner, cidr, freeIn(cidr, block, reservations));
      for (const node of holders(block)) {
        increase(inUse, pool, node ?? UNKNOWN.node);
        if (node !== undefined && node !== owner) increase(borrowed, pool, node);
      }
    },
    figures() {
      const uses = new Map(use.pools().map((each) => [each.pool?.cidr.text, each.pool]));
      const counted = pools.flatMap(({ name, enabled, cidr }) => {
        const [found, claimable] = [uses.get(cidr.text), free.get(name)?.left()];
        return found === undefined || claimable === undefined ? [] : [{ name, enabled, use: found, claimable }];
      });
      return { pools: counted, inUse, borrowed, blocks, owned };
    },
  };
}

/** The node of each address in use; undefined where none is named. */
function* holders(block: Block): Generator<string | undefined> {
  for (const [ordinal, index] of block.allocations.entries())
    if (index !== null) yield attributeAt(block, ordinal)?.secondary?.['node'];
}

type Table = Map<string, Map<string, number>>;

/** Numbers that are 0 for each node in every pool. */
export const table = (pools: readonly Pool[], nodes: readonly string[]): Table =>
  new Map(pools.map(({ name }) => [name, new Map(nodes.map((node) => [node, 0]))]));

/** Adds 1 to a number of a table. */
export function increase(numbers: Table, pool: string, node: string): void {
  const found = numbers.get(pool) ?? new Map<string, number>();
  numbers.set(pool, found);
  found.set(node, (found.get(node) ?? 0) + 1);
}

function own(owned: Map<string, Owned>, node: string, { family }: Cidr, free: number): void {
  const key = `${node} ${family}`;
  const known = owned.get(key) ?? { node, family, blocks: 0, free: 0 };
  owned.set(key, known);
  known.blocks++;
  known.free += free;
}

const freeIn = (cidr: Cidr, block: Block, reservations: Reservations): number =>
  reservations[cidr.family].length === 0
    ? block.unallocated.length
    : block.unallocated.filter((ordinal) => !isReserved(reservations, cidr.family, cidr.base + BigInt(ordinal))).length;
