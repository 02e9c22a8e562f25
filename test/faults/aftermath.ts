import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressesOf, type CniResult } from '../support/calls/call.ts';
import type { Container } from '../support/calls/containers.ts';
import type { Ran } from '../support/host/host.ts';
import { JOURNAL } from '../support/journal/hostile-entries.ts';
import { ageLinks } from '../support/kubernetes/foreign-pod.ts';
import { wrong, wrongAtOnce } from './clusters/wrong.ts';
import { HOSTILE, inDatastore, inKernel, look, remains } from './remains.ts';
import type { Aftermath, Scenario } from './scenarios.ts';
import { call, HANGS_MS, type Made, type Stage } from './stage.ts';

/** After a call has met its fault: what the runtime does next, and the problems after that, one per line. */
export async function afterwards(
  stage: Stage,
  scenario: Scenario,
  aftermath: Aftermath,
  ran: Ran,
): Promise<readonly string[]> {
  const problems = [
    ...ending(ran, scenario),
    ...(await atOnce(stage)),
    ...(await halfDone(stage, scenario, ran)),
    ...(await runtime(stage, scenario, aftermath, ran)),
  ];
  await scenario.finish?.(stage);
  return [...problems, ...(await remains(stage.cluster, stage.bare))];
}

/** 'killed', 'success' or 'error CODE'. */
export function endOf({ exit, stdout }: Ran, { isUnread = false }: Pick<Made, 'isUnread'> = {}): string {
  if (exit === undefined) return 'killed';
  if (exit === 0) return 'success';
  if (exit === 1 && isUnread) return 'error unread';
  try {
    return `error ${(JSON.parse(stdout) as { code: number }).code}`;
  } catch {
    return `exit ${exit} without an error object`;
  }
}

function ending(ran: Ran, made: Made): readonly string[] {
  if (made.isUnread === true && ran.exit === 0) return ['it succeeds although its result cannot be read'];
  if (ran.exit === undefined && ran.millis >= HANGS_MS) return ['it hangs'];
  return endOf(ran, made).startsWith('exit') ? [`${endOf(ran)}: ${ran.stdout}${ran.stderr}`] : [];
}

/** Whatever the fault, stored data must be sound. The last request of a killed call may still be at work. */
async function atOnce({ cluster }: Stage): Promise<readonly string[]> {
  for (let waited = 0; ; waited += PAUSE_MS) {
    const found = wrongAtOnce(cluster, await cluster.dump());
    if (found.length === 0 || waited >= PATIENCE_MS) return found.map((line) => `at once: ${line}`);
    await sleep(PAUSE_MS);
  }
}

const PATIENCE_MS = 1000;
const PAUSE_MS = 50;

/** An ADD that fails, without being killed, must leave nothing. What a dead datastore holds is in the journal. */
async function halfDone({ cluster, bare }: Stage, scenario: Scenario, ran: Ran): Promise<readonly string[]> {
  if (scenario.verb !== 'ADD' || scenario.isRepeated === true || ran.exit !== 1) return [];
  const lines = await inKernel(cluster, bare);
  const left = lines.filter((line) => !line.startsWith('journal entry'));
  const mayHold = scenario.takesOver === true || left.length < lines.length;
  const held = mayHold ? [] : inDatastore(cluster, await cluster.dump(), bare);
  return [...left, ...held].map((line) => `after the failed ADD: ${line}`);
}

/** Repeats what failed, deletes what is not wanted, or runs GC. */
async function runtime(stage: Stage, scenario: Scenario, aftermath: Aftermath, ran: Ran): Promise<readonly string[]> {
  const { cluster, container, others } = stage;
  const run = (verb: string, whose: Container) => must(stage, verb, whose, scenario);
  if (aftermath === 'GC') {
    // GC leaves anything younger than a minute to the ADD that may be making it.
    await ageLinks(cluster.host);
    // It leaves alone the interfaces of pods that it cannot know, as the plugin may not list pods: they go with their netns.
    if (cluster.datastore === 'kubernetes') await emptyNetns(stage);
    return run('GC', container);
  }
  if (scenario.verb === 'GC') return (await Promise.all([container, ...others].map((one) => run('DEL', one)))).flat();
  const repeated = aftermath === 'ADD, DEL' ? await addAgain(stage, scenario) : [];
  // A runtime does not repeat a successful DEL. The next call of any container drains the journal.
  const done = scenario.verb === 'DEL' && ran.exit === 0;
  const deleted = await run('DEL', done ? others[1] : container);
  // On a busy machine a DEL may give up and leave its release to the next call, too.
  return [...repeated, ...deleted, ...(journalled(stage) ? await run('DEL', others[1]) : [])];
}

function journalled({ cluster: { host } }: Stage): boolean {
  const folder = host.file(JOURNAL);
  return existsSync(folder) && readdirSync(folder).some((name) => !name.startsWith(HOSTILE));
}

/** What the kernel does when the runtime deletes the namespaces of its containers. */
async function emptyNetns({ cluster: { host }, container, others }: Stage): Promise<void> {
  await host.must('sh', ['-ec', EMPTY, 'sh', ...[container, ...others].map(({ netns }) => netns)]);
}

/** A program of the killed call may be removing the same link. */
const EMPTY = `
for netns in "$@"; do
  for link in $(ip -n "$netns" -br link | sed 's/[@ ].*//'); do
    [ "$link" = lo ] || ip -n "$netns" link del "$link" || true
  done
done`;

async function must({ cluster }: Stage, verb: string, whose: Container, made: Made): Promise<readonly string[]> {
  const ran = await call(cluster, verb, whose, made);
  return ran.exit === 0 ? [] : [`${verb} afterwards: ${endOf(ran)} ${ran.stdout}`];
}

/** The repeated ADD must bring the container up with one set of addresses, all routed to it. */
async function addAgain({ cluster, container }: Stage, made: Scenario): Promise<readonly string[]> {
  const first = await call(cluster, 'ADD', container, made);
  // host-local rejects a container that it knows. Our ADD then makes it release, so the second ADD succeeds.
  const refused = first.exit === 1 && /duplicate allocation/.test(first.stdout);
  const ran = refused ? await call(cluster, 'ADD', container, made) : first;
  if (ran.exit !== 0) return [`ADD again: ${endOf(ran)} ${ran.stdout}`];
  const addresses = addressesOf(JSON.parse(ran.stdout) as CniResult);
  const routed = (await look(cluster.host)).flatMap(
    (line) => /^route (\S+) dev (?:cali|fbx)\S+(?! table)/.exec(line)?.[1] ?? [],
  );
  const pods = routed.filter((dst) => !/^fe80::|^ff00::/.test(dst));
  return [
    ...(sorted(pods) === sorted(made.isUnrouted ? [] : addresses)
      ? []
      : [`after repeated ADD: has ${addresses}, routed are ${pods}`]),
    ...wrong(cluster, await cluster.dump()).map((line) => `after repeated ADD: ${line}`),
  ];
}

const sorted = (texts: readonly string[]): string => [...texts].sort().join();
