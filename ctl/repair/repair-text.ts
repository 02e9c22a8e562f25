import { type FindingKind, MEANINGS, meaningOf } from '../check/finding.ts';
import { many } from '../text/numbers.ts';
import type { RepairVerdict } from './verdict.ts';

const SAID = { mended: 'fixed', gone: 'already gone', left: 'left' } as const;

/** The output of a repair: each finding, and the totals. */
export function repairText(verdicts: readonly RepairVerdict[], dryRun: boolean): string {
  const groups = (Object.keys(MEANINGS) as FindingKind[]).flatMap((kind) => {
    const members = verdicts.filter(({ finding }) => finding.kind === kind);
    return members.length === 0
      ? []
      : [`${meaningOf(kind).title}\n${members.map((one) => line(one, dryRun)).join('')}`];
  });
  return [...groups, `${sum(verdicts, dryRun)}\n`].join('\n');
}

function line({ finding, end, why }: RepairVerdict, dryRun: boolean): string {
  const done = end === 'mended' && dryRun ? 'would be fixed' : SAID[end];
  const reason = end === 'left' ? `\n    → ${why}` : '';
  return `  ${done}: ${finding.text}${reason}\n`;
}

function sum(verdicts: readonly RepairVerdict[], dryRun: boolean): string {
  const count = (end: RepairVerdict['end']) => verdicts.filter((verdict) => verdict.end === end).length;
  const others = count('gone') === 0 ? '' : `, ${count('gone')} already gone`;
  const rest = `${others}, ${count('left')} left.`;
  if (dryRun) return `Dry run: nothing was changed. ${many(count('mended'), 'problem')} would be fixed${rest}`;
  return `Repair complete; fixed ${many(count('mended'), 'problem')}${rest}`;
}
