import { prepared } from '../../build/prepared.ts';
import { say } from '../../build/say.ts';
import { chance, sample } from '../support/inputs/chance.ts';
import { allCases, killMany, tryAll } from './campaign.ts';
import { faultBuild } from './fault-build.ts';
import type { Kill } from './kills.ts';
import { extrasOf, type Options, readOptions } from './options.ts';
import { faultTables, killSummary, problemsOf, problemsOfKills, summary } from './table.ts';
import type { Outcome } from './try-case.ts';

/**
 * `npm run faults [-- --datastore etcd|kubernetes] [--only TEXT] [--sample N] [--seed N] [--kills N]`: every fault at every
 * boundary of ADD, DEL and GC, or random kills of the release build, in namespaces of its own. Prints tables to stdout and exits 1 if anything
 * was left.
 */
const EVERY = 50;

async function tryFaults(options: Options, program: string): Promise<readonly string[]> {
  const cases = await allCases({ ...options, program }, options.only);
  const chosen = options.sample === undefined ? cases : sample(chance(options.seed), cases, options.sample);
  say(`${chosen.length} of ${cases.length} cases, seed ${options.seed}`);
  const onOutcome = counted(chosen.length, (outcome: Outcome) => problemsOf([outcome]));
  const outcomes = await tryAll({ ...options, program, onOutcome }, chosen);
  const inOrder = [...outcomes].sort((a, b) => chosen.indexOf(a.tried) - chosen.indexOf(b.tried));
  process.stdout.write(`${faultTables(inOrder)}\n${summary(inOrder)}`);
  return problemsOf(inOrder);
}

async function tryKills(options: Options, program: string): Promise<readonly string[]> {
  say(`${options.kills} kills, seed ${options.seed}`);
  const onOutcome = counted(options.kills, (kill: Kill) => problemsOfKills([kill]));
  const kills = await killMany({ ...options, program, onOutcome }, chance(options.seed), options.kills);
  process.stdout.write(killSummary(kills));
  return problemsOfKills(kills);
}

/** Reports each problem at once, and progress now and then. */
function counted<T>(all: number, problemsIn: (outcome: T) => readonly string[]): (outcome: T) => void {
  let done = 0;
  let red = 0;
  return (outcome) => {
    const problems = problemsIn(outcome);
    for (const problem of problems) say(problem);
    if (problems.length > 0) red++;
    if (++done % EVERY === 0) say(`${done} of ${all}, ${red} left something`);
  };
}

try {
  const options = readOptions(process.argv.slice(2));
  await prepared(async () => {
    const program = await faultBuild();
    const problems = await (options.kills > 0 ? tryKills : tryFaults)(options, program);
    return problems.length === 0 ? 0 : 1;
  }, extrasOf(options.datastore));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
