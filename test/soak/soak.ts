import { parseArgs } from 'node:util';
import { prepared } from '../../build/prepared.ts';
import { say } from '../../build/say.ts';
import type { DatastoreName } from '../faults/clusters/cluster.ts';
import { faultBuild } from '../faults/fault-build.ts';
import { datastoreNamed, extrasOf, natural } from '../faults/options.ts';
import { anySeed } from '../support/inputs/chance.ts';
import { raceForMembers } from './group-race.ts';
import { summary } from './report.ts';
import { soak } from './run.ts';

/**
 * `npm run soak [-- --datastore etcd|kubernetes] [--minutes N] [--seed N] [--group-races N]`: random ADD, DEL, CHECK and GC on ten nodes that share
 * a datastore and name it in several ways, with kills, restarts, and foreign files in the nodes' journals, in namespaces of its own. Prints
 * the summary to stdout and exits 1 if anything was wrong. `--group-races N`: instead, 50 pods start at once for 40 members of a fixed
 * address group, N times.
 */
const USAGE = 'usage: npm run soak -- [--datastore etcd|kubernetes] [--minutes N] [--seed N] [--group-races N]';

interface Options {
  readonly datastore: DatastoreName;
  readonly minutes: number;
  readonly seed: number;
  readonly groupRaces: number;
}

function readOptions(words: readonly string[]): Options {
  try {
    const text = { type: 'string' } as const;
    const options = { datastore: text, minutes: text, seed: text, 'group-races': text } as const;
    const { datastore, minutes = '30', seed, 'group-races': races } = parseArgs({ args: [...words], options }).values;
    return {
      datastore: datastoreNamed(datastore),
      minutes: natural('minutes', minutes),
      seed: seed === undefined ? anySeed() : natural('seed', seed),
      groupRaces: races === undefined ? 0 : natural('group-races', races),
    };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

/** An API server takes some seconds to start. */
const RESTART_EVERY: Readonly<Record<DatastoreName, number>> = { etcd: 20, kubernetes: 40 };

try {
  const { datastore, minutes, seed, groupRaces } = readOptions(process.argv.slice(2));
  const race = async () => {
    const problems = await raceForMembers({ datastore, rounds: groupRaces, say });
    for (const problem of problems) say(problem);
    return problems.length === 0 ? 0 : 1;
  };
  const random = async () => {
    say(`${datastore}, ${minutes} minutes, seed ${seed}`);
    const size = {
      nodes: 10,
      containers: 8,
      vms: 4,
      workers: 6,
      restartEvery: RESTART_EVERY[datastore],
      auditEvery: 30,
    };
    const faulty = await faultBuild();
    const report = await soak({ ...size, datastore, faulty, seconds: minutes * 60, seed, say });
    process.stdout.write(summary(report, minutes * 60, seed));
    for (const problem of report.problems) say(problem);
    return report.problems.length === 0 ? 0 : 1;
  };
  await prepared(groupRaces > 0 ? race : random, extrasOf(datastore));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
