import { many } from '../text/numbers.ts';
import { type Finding, type FindingKind, isFault, MEANINGS, meaningOf } from './finding.ts';
import type { Inspection } from './inspection.ts';

/** How many lines of one kind are printed, unless all are requested. */
const FEW = 10;

/** The output of a check: what was read, the findings by kind, and the totals. */
export function checkText(inspection: Inspection, everything: boolean): string {
  const { findings } = inspection;
  const groups = (Object.keys(MEANINGS) as FindingKind[]).flatMap((kind) => {
    const members = findings.filter((finding) => finding.kind === kind);
    return members.length === 0 ? [] : [groupText(kind, members, everything)];
  });
  return [`${scopeText(inspection)}\n`, ...groups, sumText(findings)].join('\n');
}

function scopeText({ counts, version, node }: Inspection): string {
  const parts = [
    `${many(counts.blocks, 'block')} with ${many(counts.addresses, 'address')}`,
    many(counts.claims, 'affinity'),
    many(counts.handles, 'handle'),
    many(counts.endpoints, 'endpoint'),
    many(counts.pools, 'pool'),
    many(counts.nodes, 'node'),
  ];
  const here = node === undefined ? '' : `, and the interfaces and routes of ${node}`;
  return `Checked ${parts.join(', ')} at revision ${version}${here}.`;
}

function groupText(kind: FindingKind, members: readonly Finding[], everything: boolean): string {
  const { title, advice, is } = meaningOf(kind);
  const shown = everything ? members : members.slice(0, FEW);
  const rest = members.length - shown.length;
  return [
    `${is === 'note' ? 'Note: ' : ''}${title}: ${members.length}`,
    ...shown.map(({ text }) => `  ${text}`),
    ...(rest === 0 ? [] : [`  … and ${rest} more (use --show-problem-ips to list all)`]),
    ...(advice === undefined ? [] : [`  → ${advice}`]),
    '',
  ].join('\n');
}

function sumText(findings: readonly Finding[]): string {
  const faults = findings.filter(isFault);
  const mendable = faults.filter(({ kind }) => meaningOf(kind).advice === undefined).length;
  const cure = mendable === 0 ? '' : ` calicoctl ipam repair can fix ${mendable} of them.`;
  return `Check complete; found ${many(faults.length, 'problem')}.${cure}\n`;
}
