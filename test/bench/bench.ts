import { readFileSync, writeFileSync } from 'node:fs';
import { inWorkFolder } from '../../build/places.ts';
import { prepared } from '../../build/prepared.ts';
import { isInSandbox } from '../../build/sandbox.ts';
import { say } from '../../build/say.ts';
import { measureBurst } from './burst.ts';
import { measureConvergence } from './convergence.ts';
import { freshCopy } from './copies.ts';
import type { Line } from './figures.ts';
import { measureGroup } from './group.ts';
import { openHere } from './here.ts';
import { measureKubernetes } from './kubernetes.ts';
import { measureLargeCluster } from './large-cluster/measure.ts';
import { measureLargeStore } from './large-store.ts';
import { thisMachine, wasBusy } from './machine.ts';
import { measureNode } from './node.ts';
import { type Options, type Row, readOptions } from './options.ts';
import { findTime } from './peak-memory.ts';
import { measureDual, measureMetrics, measurePlain, measureStart, measureTls } from './plain.ts';
import { print, printAgainst, type Report } from './report.ts';
import { measureScale } from './scale.ts';
import type { Stage } from './stage.ts';
import { measureStorm } from './storm.ts';

/**
 * `npm run bench`: compares the executables with the reference plugins ptp + host-local, in its own namespaces, and
 * prints a table for docs/performance.md to stdout. See options.ts for the options. Times are reported, never
 * asserted.
 */
const MEASURES: Readonly<Record<Row, (stage: Stage) => Promise<readonly Line[]>>> = {
  start: measureStart,
  plain: measurePlain,
  dual: measureDual,
  tls: measureTls,
  metrics: measureMetrics,
  kubernetes: measureKubernetes,
  group: measureGroup,
  scale: measureScale,
  'large-cluster': measureLargeCluster,
  'large-store': measureLargeStore,
  node: measureNode,
  burst: measureBurst,
  storm: measureStorm,
  convergence: measureConvergence,
};

const WORDS = process.argv.slice(2);
const COMMAND = ['npm run bench', ...(WORDS.length > 0 ? ['--', ...WORDS] : [])].join(' ');

async function bench({ only, rounds, quick, json, against }: Options, folder: string): Promise<number> {
  const machine = thisMachine();
  const then: Report | undefined = against === undefined ? undefined : JSON.parse(readFileSync(against, 'utf8'));
  if (wasBusy(machine)) say(`The machine is busy (load ${machine.load.toFixed(2)}): the figures are unreliable`);
  const stage: Stage = { host: openHere(), rounds, quick, time: await findTime(), folder };
  const lines: Line[] = [];
  for (const row of only) {
    say(`Measuring: ${row} …`);
    freshCopy(folder);
    lines.push(...(await MEASURES[row](stage)));
  }
  const report: Report = { command: COMMAND, machine, rounds, lines };
  process.stdout.write(print(report));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, undefined, 1)}\n`);
  if (then !== undefined) process.stdout.write(`\n${printAgainst(report, then)}`);
  return 0;
}

try {
  const options = readOptions(WORDS);
  // Done outside, because there is no internet access inside.
  if (!isInSandbox()) await findTime();
  await prepared(
    () => inWorkFolder((folder) => bench(options, folder)),
    [
      ...(options.only.includes('kubernetes') ? (['kube-apiserver'] as const) : []),
      ...(options.only.some((row) => row === 'node' || row === 'convergence') ? (['birds'] as const) : []),
    ],
  );
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
