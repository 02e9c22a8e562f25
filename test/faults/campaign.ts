import type { Chance } from '../support/inputs/chance.ts';
import { type Case, casesOf } from './cases.ts';
import { type Kill, killOne } from './kills.ts';
import { type Scenario, scenariosOn } from './scenarios.ts';
import { openStage, type Stage, type Subject } from './stage.ts';
import { type Outcome, tryCase } from './try-case.ts';

/** What a campaign needs: its subject, how many machines to use in parallel, and a callback for each outcome. */
export interface Means<T> extends Subject {
  readonly machines: number;
  readonly onOutcome?: (outcome: T) => void;
}

/** Every fault at every boundary of every scenario whose name contains `only`. */
export function allCases(subject: Subject, only = ''): Promise<readonly Case[]> {
  return onStage(subject, async (stage) => {
    const found: Case[] = [];
    for (const scenario of scenariosOn(subject.datastore).filter(({ name }) => name.includes(only))) {
      found.push(...(await casesOf(stage, scenario)));
    }
    return found;
  });
}

export const tryAll = (means: Means<Outcome>, cases: readonly Case[]): Promise<readonly Outcome[]> =>
  onStages(
    means,
    cases.map((one) => (stage: Stage) => tryCase(stage, one)),
  );

/** This many kills of the release build. */
export function killMany(means: Means<Kill>, random: Chance, kills: number): Promise<readonly Kill[]> {
  const durations = new Map<Scenario, number>();
  return onStages(
    means,
    Array.from({ length: kills }, () => (stage: Stage) => killOne(stage, random, durations)),
  );
}

/** Runs work items on several machines in parallel. A machine with leftovers is not used again. */
async function onStages<T extends { readonly problems: readonly string[] }>(
  { machines, onOutcome, ...subject }: Means<T>,
  pieces: readonly ((stage: Stage) => Promise<T>)[],
): Promise<readonly T[]> {
  const outcomes: T[] = [];
  const waiting = [...pieces];
  const untilDirty = async (stage: Stage): Promise<void> => {
    for (let piece = waiting.shift(); piece !== undefined; piece = waiting.shift()) {
      const outcome = await piece(stage);
      outcomes.push(outcome);
      onOutcome?.(outcome);
      if (outcome.problems.length > 0) return;
    }
  };
  const machine = async (): Promise<void> => {
    while (waiting.length > 0) await onStage(subject, untilDirty);
  };
  await Promise.all(Array.from({ length: machines }, machine));
  return outcomes;
}

async function onStage<T>(subject: Subject, work: (stage: Stage) => Promise<T>): Promise<T> {
  const stage = await openStage(subject);
  try {
    return await work(stage);
  } finally {
    await stage.cluster.close();
  }
}
