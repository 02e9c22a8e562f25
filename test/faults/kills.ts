import { setTimeout as sleep } from 'node:timers/promises';
import { type Chance, pick } from '../support/inputs/chance.ts';
import { afterwards, endOf } from './aftermath.ts';
import { begin, type Scenario, scenariosOn } from './scenarios.ts';
import { call, HANGS_MS, type Stage } from './stage.ts';

/** A call of the release build that was killed after this many milliseconds. */
export interface Kill {
  readonly name: string;
  readonly ended: string;
  readonly problems: readonly string[];
}

/** Calls that need no help from the fault build. */
const isKillable = ({ faults, isUnread }: Scenario): boolean => faults === undefined && isUnread === undefined;
/** A program started by the killed call exits within this time. No runtime calls again so soon. */
const SETTLE_MS = 50;
/** Some calls must end before the signal arrives. */
const BEYOND = 1.1;

/** Kills one random call at a random moment, and cleans up as a runtime does. */
export async function killOne(stage: Stage, random: Chance, durations: Map<Scenario, number>): Promise<Kill> {
  const scenario = pick(random, scenariosOn(stage.cluster.datastore).filter(isKillable));
  const aftermath = pick(random, scenario.aftermaths);
  const duration = durations.get(scenario) ?? (await durationOf(stage, scenario));
  durations.set(scenario, duration);
  await begin(stage, scenario);
  const killAfter = random() * duration * BEYOND;
  const ran = await call(stage.cluster, scenario.verb, stage.container, scenario, { killAfter });
  await sleep(SETTLE_MS);
  const name = `${scenario.name}, killed at ${killAfter.toFixed(1)} of ${duration.toFixed(1)} ms, then ${aftermath}`;
  return { name, ended: endOf(ran), problems: await afterwards(stage, scenario, aftermath, { ...ran, millis: 0 }) };
}

/** The duration of an undisturbed call: the fastest of three. */
async function durationOf(stage: Stage, scenario: Scenario): Promise<number> {
  const { container, others } = stage;
  let quickest = HANGS_MS;
  for (let round = 0; round < 3; round++) {
    await begin(stage, scenario);
    const ran = await call(stage.cluster, scenario.verb, container, scenario);
    if (ran.exit !== 0) throw new Error(`${scenario.name}: ${ran.stdout}${ran.stderr}`);
    quickest = Math.min(quickest, ran.millis);
    for (const one of [container, ...others]) await call(stage.cluster, 'DEL', one, scenario);
    await scenario.finish?.(stage);
  }
  return quickest;
}
