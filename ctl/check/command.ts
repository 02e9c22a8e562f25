import { fileContent } from '../../shared/call/node-name.ts';
import { NODENAME_FILE } from '../../shared/cni/netconf-read.ts';
import { failure } from '../../shared/error/failure.ts';
import { programPath } from '../../shared/system/exec.ts';
import { writeText } from '../../shared/system/files.ts';
import type { Args, Command, Option } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { durationOption } from '../command-line/duration.ts';
import { isFault } from './finding.ts';
import { type InspectOptions, inspect } from './inspect.ts';
import { reportText } from './report.ts';
import { checkText } from './text.ts';

/** `calicoctl ipam check`. */
export const ipamCheck: Command = {
  words: 'ipam check',
  summary: 'Check IPAM data for problems',
  about:
    'Reads blocks, affinities, handles, pools, nodes and endpoints from one snapshot and compares them. ' +
    'On a node (one with a nodename file), it also compares interfaces and routes. Changes nothing. ' +
    'Status 0: clean, 1: problems found.',
  options: [
    { flags: '-o, --output <file>', summary: 'write a report for ipam repair and ipam release' },
    { flags: '--show-problem-ips', summary: 'list every finding, not just the first ten of each kind' },
    { flags: '--show-all-ips', summary: 'same as --show-problem-ips' },
    ...checkOptions(),
  ],
  examples: [
    { what: 'Is anything wrong?', line: 'ipam check' },
    { what: 'Save the findings for a later repair', line: 'ipam check -o report.json' },
  ],
  async run(context, args) {
    const inspection = await inspect(context, inspectOptions(context, args));
    const file = args.text('output');
    if (file !== undefined) save(file, reportText(inspection));
    context.out(checkText(inspection, args.flag('show-problem-ips') || args.flag('show-all-ips')));
    return inspection.findings.some(isFault) ? 1 : 0;
  },
};

/** Options of a check. */
export function checkOptions(): readonly Option[] {
  return [
    { flags: '--on-node <name>', summary: "also check this machine's interfaces and routes, under this node name" },
    { flags: '--cluster-only', summary: 'skip this machine’s interfaces and routes' },
    {
      flags: '--grace <duration>',
      summary: 'how long an address may exist without an endpoint, e.g. 30s or 1h30m; 0 to allow none',
      fallback: '5m',
    },
  ];
}

/** The options as given on the command line. */
export const inspectOptions = (context: Context, args: Args): InspectOptions => ({
  grace: durationOption(args, 'grace'),
  node: nodeHere(context, args),
});

/** The nodename file may name a node whose kernel cannot be seen, as in a container. Then only the datastore is checked. */
function nodeHere({ world, err }: Context, args: Args): string | undefined {
  const given = args.text('on-node');
  if (given !== undefined) return given;
  const found = args.flag('cluster-only') ? '' : fileContent(NODENAME_FILE);
  if (found === '') return undefined;
  try {
    programPath('ip', world.env);
    return found;
  } catch (thrown) {
    err(`Interfaces and routes were not checked: ${thrown instanceof Error ? thrown.message : thrown}\n`);
    return undefined;
  }
}

function save(file: string, text: string): void {
  try {
    writeText(file, text);
  } catch (thrown) {
    throw failure(`cannot write ${file}: ${thrown instanceof Error ? thrown.message : thrown}`);
  }
}
