import { type Pool, poolOf } from '../../ipam/config/pools.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { type Finding, type FindingKind, MEANINGS } from '../check/finding.ts';
import { byPoolAndNode } from './cluster-families.ts';
import { gauge, type MetricFamily, single } from './exposition.ts';
import { increase, table, UNKNOWN } from './figures.ts';

/** What the last check of the data has found. */
export interface CheckFigures {
  readonly findings: ReadonlyMap<FindingKind, number>;
  /** Addresses that nobody seems to use, by pool and node: leaked, or still too young to be. */
  readonly candidates: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** When it ended, in seconds since 1970. */
  readonly at: number;
  readonly seconds: number;
}

const CANDIDATES: readonly FindingKind[] = ['leaked', 'young'];

/** Counts findings, so that the findings themselves need not be kept. */
export function countFindings(
  found: readonly Finding[],
  { pools, nodes }: { readonly pools: readonly Pool[]; readonly nodes: readonly string[] },
): Pick<CheckFigures, 'findings' | 'candidates'> {
  const findings = new Map(kinds().map((kind) => [kind, 0]));
  const candidates = table(pools, nodes);
  for (const { kind, address, node } of found) {
    findings.set(kind, (findings.get(kind) ?? 0) + 1);
    if (!CANDIDATES.includes(kind)) continue;
    const parsed = address === undefined ? undefined : parseAddress(address);
    const pool = parsed === undefined ? undefined : poolOf(pools, parsed);
    increase(candidates, pool?.name ?? UNKNOWN.pool, node ?? UNKNOWN.node);
  }
  return { findings, candidates };
}

const kinds = (): readonly FindingKind[] => Object.keys(MEANINGS) as FindingKind[];

/** What `ipam check` would find. */
export const findingFamilies = ({ findings, candidates, at, seconds }: CheckFigures): readonly MetricFamily[] => [
  gauge(
    'ipam_allocations_gc_candidates',
    'Allocations that nobody seems to use: those that ipam check finds leaked, and those that are still too young to say.',
    byPoolAndNode(candidates),
  ),
  gauge(
    'ipam_check_findings',
    'What calicoctl ipam check finds. Notes are worth knowing, faults are to be mended.',
    [...findings].map(([kind, value]) => ({ labels: { kind, severity: MEANINGS[kind].is }, value })),
  ),
  single('ipam_check_timestamp_seconds', 'When the data was last checked.', at),
  single('ipam_check_duration_seconds', 'How long that took.', seconds),
];
