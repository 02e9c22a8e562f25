import type { Container } from '../support/bed/open-bed.ts';
import { addressesOf, type CniResult } from '../support/calls/call.ts';
import type { Ran } from '../support/host/host.ts';
import { violations } from '../support/invariants/invariants.ts';
import { ageLinks } from '../support/kubernetes/foreign-pod.ts';
import { inEtcd, inKernel, look, remains } from './remains.ts';
import type { Aftermath, Scenario } from './scenarios.ts';
import { call, HANGS_MS, type Made, type Stage } from './stage.ts';

/** After a call has met its fault: what the runtime does next, and the problems after that, one per line. */
export async function afterwards(
  stage: Stage,
  scenario: Scenario,
  aftermath: Aftermath,
  ran: Ran,
): Promise<readonly string[]> {
  return [
    ...ending(ran, scenario),
    ...(await halfDone(stage, scenario, ran)),
    ...(await runtime(stage, scenario, aftermath, ran)),
    ...(await remains(stage.bed, stage.bare)),
  ];
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

/** An ADD that fails, without being killed, must leave nothing. What a dead etcd holds is in the journal. */
async function halfDone({ bed, bare }: Stage, { verb }: Scenario, ran: Ran): Promise<readonly string[]> {
  if (verb !== 'ADD' || ran.exit !== 1) return [];
  const lines = await inKernel(bed, bare);
  const left = lines.filter((line) => !line.startsWith('journal entry'));
  const held = left.length < lines.length ? [] : inEtcd(await bed.etcd.dump(), bare);
  return [...left, ...held].map((line) => `after the failed ADD: ${line}`);
}

/** Repeats what failed, deletes what is not wanted, or runs GC. */
async function runtime(stage: Stage, scenario: Scenario, aftermath: Aftermath, ran: Ran): Promise<readonly string[]> {
  const { container, others } = stage;
  const run = (verb: string, whose: Container) => must(stage, verb, whose, scenario);
  if (aftermath === 'GC') {
    // GC leaves anything younger than a minute to the ADD that may be making it.
    await ageLinks(stage.bed.host);
    return run('GC', container);
  }
  if (scenario.verb === 'GC') return (await Promise.all([container, ...others].map((one) => run('DEL', one)))).flat();
  const repeated = aftermath === 'ADD, DEL' ? await addAgain(stage, scenario) : [];
  // A runtime does not repeat a successful DEL. The next call of any container drains the journal.
  const done = scenario.verb === 'DEL' && ran.exit === 0;
  return [...repeated, ...(await run('DEL', done ? others[1] : container))];
}

async function must({ bed }: Stage, verb: string, whose: Container, made: Made): Promise<readonly string[]> {
  const ran = await call(bed, verb, whose, made);
  return ran.exit === 0 ? [] : [`${verb} afterwards: ${endOf(ran)} ${ran.stdout}`];
}

/** The repeated ADD must bring the container up with one set of addresses, all routed to it. */
async function addAgain({ bed, container }: Stage, made: Made): Promise<readonly string[]> {
  const first = await call(bed, 'ADD', container, made);
  // host-local rejects a container that it knows. Our ADD then makes it release, so the second ADD succeeds.
  const refused = first.exit === 1 && /duplicate allocation/.test(first.stdout);
  const ran = refused ? await call(bed, 'ADD', container, made) : first;
  if (ran.exit !== 0) return [`ADD again: ${endOf(ran)} ${ran.stdout}`];
  const addresses = addressesOf(JSON.parse(ran.stdout) as CniResult);
  const routed = (await look(bed.host)).flatMap(
    (line) => /^route (\S+) dev (?:cali|fbx)\S+(?! table)/.exec(line)?.[1] ?? [],
  );
  const pods = routed.filter((dst) => !/^fe80::|^ff00::/.test(dst));
  return [
    ...(sorted(pods) === sorted(addresses) ? [] : [`after repeated ADD: has ${addresses}, routed are ${pods}`]),
    ...violations(await bed.etcd.dump()).map((line) => `after repeated ADD: ${line}`),
  ];
}

const sorted = (texts: readonly string[]): string => [...texts].sort().join();
