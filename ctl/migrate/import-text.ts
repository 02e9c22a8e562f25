import { textOf } from '../../shared/datastore/ref.ts';
import { many } from '../text/numbers.ts';
import type { Imported, LeftOut } from './import-plan.ts';

/** Objects of a kind that are listed by name. */
const FEW = 5;

/** What an import did, as people read it. */
export function importText({ written, unchanged, leftOut }: Imported): string {
  const kinds = [...new Set(leftOut.map(({ ref }) => ref.kind))];
  return [
    `Imported ${many(written, 'object')}; ${unchanged} were there already.\n`,
    ...kinds.map((kind) => leftOutText(leftOut.filter(({ ref }) => ref.kind === kind))),
  ].join('');
}

function leftOutText(those: readonly LeftOut[]): string {
  const lines = those.slice(0, FEW).map(({ ref, why }) => `  ${textOf(ref)}: ${why}\n`);
  const rest = those.length > FEW ? `  … and ${those.length - FEW} more\n` : '';
  return `Left out, because this datastore computes ${those[0]?.ref.kind} itself: ${those.length}\n${lines.join('')}${rest}`;
}
