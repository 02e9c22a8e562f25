import type { Entry, View } from '../../shared/datastore/view.ts';
import type { Finding } from './finding.ts';

/** What became of a finding: mended, no longer so, or left as it is and why. */
export interface Verdict {
  readonly finding: Finding;
  readonly end: 'mended' | 'gone' | 'left';
  readonly why: string;
}

/** What a mend comes to, once it is in. */
export interface Mended {
  readonly verdicts: readonly Verdict[];
  /** Keys written: their revisions are ours from now on. */
  readonly wrote: readonly string[];
}

export const mended = (finding: Finding): Verdict => ({ finding, end: 'mended', why: '' });
export const gone = (finding: Finding): Verdict => ({ finding, end: 'gone', why: 'it is no longer so' });
export const left = (finding: Finding, why: string): Verdict => ({ finding, end: 'left', why });

/** Why a finding must not be mended: one of its keys has changed since, by somebody else than this repair. */
export function changedSince(view: View, finding: Finding, ours: ReadonlySet<string>): string | undefined {
  const changed = Object.entries(finding.seen).find(
    ([key, revision]) => !ours.has(key) && revisionOf(view.get(key)) !== revision,
  );
  return changed === undefined ? undefined : `${changed[0]} has changed since the check: check again`;
}

const revisionOf = (entry: Entry | undefined): number => entry?.modRevision ?? 0;
