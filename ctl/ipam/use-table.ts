import { fiveDigits, share } from '../text/numbers.ts';
import { grid } from '../text/table.ts';
import type { PoolUse, Use } from './utilization.ts';

interface Column {
  readonly title: string;
  readonly part: (use: Use) => number;
}

const COLUMNS: readonly Column[] = [
  { title: 'IPS IN USE', part: ({ used }) => used },
  { title: 'IPS RESERVED', part: ({ reserved }) => reserved },
  { title: 'IPS FREE', part: ({ free }) => free },
  { title: 'IPS COOLING', part: ({ cooling }) => cooling },
];

/** How full the pools are, and with `withBlocks` their blocks, as the original's table. */
export function useTable(pools: readonly PoolUse[], withBlocks: boolean): string {
  const uses = pools.flatMap(({ pool, blocks }) => [
    ...(pool === undefined ? [] : [{ kind: 'IP Pool', use: pool }]),
    ...(withBlocks ? blocks.map((use) => ({ kind: 'Block', use })) : []),
  ]);
  const rows = uses.map(({ kind, use }) => [
    kind,
    use.cidr.text,
    fiveDigits(use.total),
    ...COLUMNS.map(({ part }) => share(part(use), use.total)),
  ]);
  return grid(['GROUPING', 'CIDR', 'IPS TOTAL', ...COLUMNS.map(({ title }) => title)], rows);
}
