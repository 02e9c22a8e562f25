import { failure } from '../../shared/error/failure.ts';
import { readText as readFile } from '../../shared/system/files.ts';
import { readClusterState } from '../check/cluster-state.ts';
import { checkOptions, inspectOptions } from '../check/command.ts';
import { type Finding, isFault } from '../check/finding.ts';
import { inspect } from '../check/inspect.ts';
import { parseReport } from '../check/report.ts';
import { checkText } from '../check/text.ts';
import type { Args, Command } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { isAgreed } from '../command-line/question.ts';
import { many } from '../text/numbers.ts';
import { repair } from './repair.ts';
import { repairText } from './repair-text.ts';

/** `calicoctl ipam repair`. */
export const ipamRepair: Command = {
  words: 'ipam repair',
  summary: 'Fix what ipam check finds',
  about:
    'Checks, asks, and fixes exactly what the check found. Each problem is fixed only if it is still there, in one commit that ' +
    'compares every object it looked at. An address that an endpoint uses is never released. Status 0: nothing left, 1: some left.',
  options: [
    { flags: '--dry-run', summary: 'show what would be done without doing it' },
    { flags: '-y, --yes', summary: 'do not ask' },
    { flags: '--from <file>', summary: 'fix what an ipam check report lists, without checking again' },
    ...checkOptions(),
  ],
  examples: [
    { what: 'What would be done?', line: 'ipam repair --dry-run' },
    { what: 'Fix what an earlier check found', line: 'ipam repair --from report.json' },
  ],
  async run(context, args) {
    const dryRun = args.flag('dry-run');
    const { findings, text, readAt } = await found(context, args);
    const faults = findings.filter(isFault);
    if (faults.length === 0) {
      context.out('Nothing to repair.\n');
      return 0;
    }
    const question = {
      about: text,
      text: `Repair ${many(faults.length, 'problem')}?`,
      unasked: 'ipam repair asks for confirmation, but standard input is not a terminal: use --yes or --dry-run',
    };
    if (!dryRun && !args.flag('yes') && !isAgreed(context, question)) return 1;
    const verdicts = await repair(context, faults, {
      dryRun,
      readAt,
      openScan: () => context.openScan(),
    });
    context.out(repairText(verdicts, dryRun));
    return verdicts.every(({ end }) => end !== 'left') ? 0 : 1;
  },
};

interface Found {
  readonly findings: readonly Finding[];
  readonly text: string;
  readonly readAt: number;
}

async function found(context: Context, args: Args): Promise<Found> {
  const readAt = context.world.elapsed();
  const file = args.text('from');
  if (file === undefined) {
    const inspection = await inspect(context, inspectOptions(context, args));
    return { findings: inspection.findings, text: checkText(inspection, false), readAt };
  }
  const report = parseReport(file, readText(file));
  const { guid } = await readClusterState(context);
  if (guid !== report.clusterGUID) {
    throw failure(
      `cluster does not match the provided report (${file}): mismatched cluster GUID. Refusing to repair`,
      `the report is from cluster ${report.clusterGUID || 'without a GUID'}, this cluster is ${guid || 'without a GUID'}`,
    );
  }
  const text = `${report.findings.map((finding) => `${finding.text}\n`).join('')}`;
  const age = Number(context.world.now() / 1_000_000n) - report.checkedAt;
  return { findings: report.findings, text, readAt: readAt - Math.max(0, age) };
}

/** The text of a report. An error names the file. */
export function readText(file: string): string {
  try {
    return readFile(file);
  } catch (thrown) {
    throw failure(`cannot read ${file}: ${thrown instanceof Error ? thrown.message : thrown}`);
  }
}
