import { parseArgs } from 'node:util';
import { prepared } from '../../build/prepared.ts';
import { say } from '../../build/say.ts';
import { faultBuild } from '../faults/fault-build.ts';
import { natural } from '../faults/options.ts';
import { anySeed } from '../support/inputs/chance.ts';
import { summary } from './report.ts';
import { soak } from './run.ts';

/**
 * `npm run soak [-- --minutes N] [--seed N]`: random ADD, DEL, CHECK and GC on ten nodes that share an etcd with
 * several spellings, with kills, restarts, and foreign files in the nodes' journals, in namespaces of its own. Prints
 * the summary to stdout and exits 1 if anything was wrong.
 */
const USAGE = 'usage: npm run soak -- [--minutes N] [--seed N]';

function readOptions(words: readonly string[]): { readonly minutes: number; readonly seed: number } {
  try {
    const text = { type: 'string' } as const;
    const { minutes = '30', seed } = parseArgs({ args: [...words], options: { minutes: text, seed: text } }).values;
    return { minutes: natural('minutes', minutes), seed: seed === undefined ? anySeed() : natural('seed', seed) };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

try {
  const { minutes, seed } = readOptions(process.argv.slice(2));
  await prepared(async () => {
    say(`${minutes} minutes, seed ${seed}`);
    const plan = { nodes: 10, containers: 8, workers: 6, restartEvery: 20, auditEvery: 30, faulty: await faultBuild() };
    const report = await soak({ ...plan, seconds: minutes * 60, seed, tell: say });
    process.stdout.write(summary(report, minutes * 60, seed));
    for (const problem of report.problems) say(problem);
    return report.problems.length === 0 ? 0 : 1;
  });
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
