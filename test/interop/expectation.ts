import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { DIFFERENCES } from './differences.ts';
import { type Levelled, levelAll } from './level.ts';
import { recorded } from './recorded.ts';
import type { Outcome, Recording } from './recording.ts';

/** What our calls have to come to: the recorded outcomes, with our differences put in. */
export function expected(recording: Recording): ReadonlyMap<number, Levelled> {
  const wanted = [...recorded(recording)].map(([step, theirs]) => {
    const known = DIFFERENCES.find(
      (difference) => difference.scenario === recording.scenario && difference.step === step,
    );
    return [step, known === undefined ? theirs : known.ours(theirs)] as const;
  });
  return new Map(wanted);
}

/** Link state and link-local addresses follow a command by milliseconds: looks again until alike, for a second. */
export async function expectSoon(
  look: () => Promise<Outcome>,
  earlier: readonly Outcome[],
  wanted: Levelled | undefined,
  what: string,
): Promise<Outcome> {
  let seen = await look();
  const levelled = () => withoutAddedDetails(levelAll([...earlier, seen]).at(-1), wanted);
  for (let tries = 0; tries < 20 && !isDeepStrictEqual(levelled(), wanted); tries++) {
    await sleep(50);
    seen = await look();
  }
  expect(levelled(), what).toEqual(wanted);
  return seen;
}

/** Ours keep the original's code and text, and add details for a person: the one thing an error may have more. */
function withoutAddedDetails(ours: Levelled | undefined, wanted: Levelled | undefined): Levelled | undefined {
  const theirs = errorIn(wanted);
  const { details, ...error } = errorIn(ours) ?? {};
  if (ours === undefined || theirs === undefined || theirs['details'] !== undefined) return ours;
  if (typeof details !== 'string' || details === '') return ours;
  return { ...ours, stdout: JSON.stringify(error, undefined, 4) };
}

/** The error object that a call printed; undefined for anything else. */
function errorIn(outcome: Levelled | undefined): Record<string, unknown> | undefined {
  const { exit, stdout } = outcome ?? {};
  return exit === 1 && typeof stdout === 'string' && stdout.startsWith('{') ? JSON.parse(stdout) : undefined;
}
