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

/** The last field of an error object as printed. */
const DETAILS = /,\n {4}"details": "(?:[^"\\]|\\.)+"\n\}$/;

/** Ours keep the original's code and text, and add details for a person: the one thing an error may have more. */
function withoutAddedDetails(ours: Levelled | undefined, wanted: Levelled | undefined): Levelled | undefined {
  const isError = wanted?.exit === 1 && ours?.exit === 1;
  if (!isError || DETAILS.test(wanted.stdout ?? '')) return ours;
  return { ...ours, stdout: (ours.stdout ?? '').replace(DETAILS, '\n}') };
}
