import { type Kind, MEANINGS, meaningOf } from '../check/finding.ts';
import { many } from '../text/numbers.ts';
import type { Verdict } from './verdict.ts';

const SAID = { mended: 'mended', gone: 'no longer so', left: 'left' } as const;

/** What a repair did, finding by finding, and the sum. */
export function repairText(verdicts: readonly Verdict[], dryRun: boolean): string {
  const groups = (Object.keys(MEANINGS) as Kind[]).flatMap((kind) => {
    const members = verdicts.filter(({ finding }) => finding.kind === kind);
    return members.length === 0
      ? []
      : [`${meaningOf(kind).title}\n${members.map((one) => line(one, dryRun)).join('')}`];
  });
  return [...groups, `${sum(verdicts, dryRun)}\n`].join('\n');
}

function line({ finding, end, why }: Verdict, dryRun: boolean): string {
  const done = end === 'mended' && dryRun ? 'would be mended' : SAID[end];
  const reason = end === 'left' ? `\n    → ${why}` : '';
  return `  ${done}: ${finding.text}${reason}\n`;
}

function sum(verdicts: readonly Verdict[], dryRun: boolean): string {
  const count = (end: Verdict['end']) => verdicts.filter((verdict) => verdict.end === end).length;
  const others = count('gone') === 0 ? '' : `, ${count('gone')} no longer so`;
  const rest = `${others}, ${count('left')} left.`;
  if (dryRun) return `Dry run: nothing was changed. ${many(count('mended'), 'problem')} would be mended${rest}`;
  return `Repair complete; mended ${many(count('mended'), 'problem')}${rest}`;
}
