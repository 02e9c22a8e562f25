import { grid } from '../table.ts';
import { fiveDigits, share } from './numbers.ts';
import type { PoolUse, Use } from './utilization.ts';

interface Column {
  readonly title: string;
  readonly part: (use: Use) => number;
  /** Whether the column is left out where it is all zero. */
  readonly rare?: true;
}

const COLUMNS: readonly Column[] = [
  { title: 'IPS IN USE', part: ({ used }) => used },
  { title: 'IPS RESERVED', part: ({ reserved }) => reserved, rare: true },
  { title: 'IPS FREE', part: ({ free }) => free },
  { title: 'IPS COOLING', part: ({ cooling }) => cooling, rare: true },
];

/** How full pools are, and with `withBlocks` each of their blocks, as the original's table. */
export function useTable(pools: readonly PoolUse[], withBlocks: boolean): string {
  const uses = pools.flatMap(({ pool, blocks }) => [
    ...(pool === undefined ? [] : [{ kind: 'IP Pool', use: pool }]),
    ...(withBlocks ? blocks.map((use) => ({ kind: 'Block', use })) : []),
  ]);
  const columns = COLUMNS.filter(({ part, rare }) => rare === undefined || uses.some(({ use }) => part(use) > 0));
  const rows = uses.map(({ kind, use }) => [
    kind,
    use.cidr.text,
    fiveDigits(use.total),
    ...columns.map(({ part }) => share(part(use), use.total)),
  ]);
  return grid(['GROUPING', 'CIDR', 'IPS TOTAL', ...columns.map(({ title }) => title)], rows);
}
