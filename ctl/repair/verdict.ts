import { type Ref, textOf } from '../../shared/datastore/ref.ts';
import type { View } from '../../shared/datastore/view.ts';
import type { Finding } from '../check/finding.ts';

/** What happened to a finding: repaired, no longer true, or left as it is and why. */
export interface RepairVerdict {
  readonly finding: Finding;
  readonly end: 'mended' | 'gone' | 'left';
  readonly why: string;
}

/** The result of a repair, once it is committed. */
export interface Mended {
  readonly verdicts: readonly RepairVerdict[];
  /** Changed objects: their new versions are ours. */
  readonly wrote: readonly Ref[];
}

export const mended = (finding: Finding): RepairVerdict => ({ finding, end: 'mended', why: '' });
export const gone = (finding: Finding): RepairVerdict => ({ finding, end: 'gone', why: 'already gone' });
export const left = (finding: Finding, why: string): RepairVerdict => ({ finding, end: 'left', why });

/**
 * Why a finding must not be repaired: another process has since changed one of its objects. `ours`: objects that this repair has
 * changed.
 */
export function changedSince(view: View, finding: Finding, ours: ReadonlySet<string>): string | undefined {
  const changed = finding.seen.find(({ ref, seen }) => !ours.has(textOf(ref)) && view.get(ref)?.version !== seen);
  if (changed === undefined) return undefined;
  const { ref } = changed;
  return `${view.get(ref)?.at ?? textOf(ref)} has changed since the check: check again`;
}
