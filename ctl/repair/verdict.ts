import { type Ref, textOf } from '../../shared/datastore/ref.ts';
import type { View } from '../../shared/datastore/view.ts';
import type { Finding } from '../check/finding.ts';

/** What became of a finding: mended, no longer so, or left as it is and why. */
export interface RepairVerdict {
  readonly finding: Finding;
  readonly end: 'mended' | 'gone' | 'left';
  readonly why: string;
}

/** What a mend comes to, once it is in. */
export interface Mended {
  readonly verdicts: readonly RepairVerdict[];
  /** Objects changed: their versions are ours from now on. */
  readonly wrote: readonly Ref[];
}

export const mended = (finding: Finding): RepairVerdict => ({ finding, end: 'mended', why: '' });
export const gone = (finding: Finding): RepairVerdict => ({ finding, end: 'gone', why: 'already gone' });
export const left = (finding: Finding, why: string): RepairVerdict => ({ finding, end: 'left', why });

/** Why a finding must not be mended: one of its objects was changed since, by somebody else than this repair (`ours`, by text). */
export function changedSince(view: View, finding: Finding, ours: ReadonlySet<string>): string | undefined {
  const changed = finding.seen.find(({ ref, seen }) => !ours.has(textOf(ref)) && view.get(ref)?.version !== seen);
  if (changed === undefined) return undefined;
  const { ref } = changed;
  return `${view.get(ref)?.at ?? textOf(ref)} has changed since the check: check again`;
}
