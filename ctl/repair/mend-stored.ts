import { get } from '../../shared/datastore/query.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import type { Finding } from '../check/finding.ts';
import { changedSince, gone, left, type Mended, mended } from './verdict.ts';

/** Stores an object again with the same value: every write adds what it lacks beside the value. */
export function* mendStored(finding: Finding, ours: ReadonlySet<string>): Plan<Outcome<Mended>> {
  const refs = finding.seen.map(({ ref }) => ref);
  const view = yield refs.map(get);
  const nothing = (verdict: Mended['verdicts'][number]) => ({
    changes: [],
    answer: { verdicts: [verdict], wrote: [] },
  });
  const entries = refs.flatMap((ref) => view.get(ref) ?? []);
  if (entries.length === 0) return nothing(gone(finding));
  const changed = changedSince(view, finding, ours);
  if (changed !== undefined) return nothing(left(finding, changed));
  const changes = entries.map(({ ref, value }) => ({ ref, next: value }));
  return { changes, answer: { verdicts: [mended(finding)], wrote: refs } };
}
