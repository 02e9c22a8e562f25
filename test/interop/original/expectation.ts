import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { DIFFERENCES } from './differences.ts';
import { type Levelled, levelAll } from './level.ts';
import { recorded } from './recorded.ts';
import type { Outcome, Recording } from './recording.ts';

/** The expected outcome of our calls: the recorded outcomes with our differences applied. */
export function expected(recording: Recording): ReadonlyMap<number, Levelled> {
  const wanted = [...recorded(recording)].map(([step, theirs]) => {
    const known = DIFFERENCES.find(
      (difference) => difference.scenario === recording.scenario && difference.step === step,
    );
    return [step, known === undefined ? theirs : known.ours(theirs)] as const;
  });
  return new Map(wanted);
}

/** Link state and link-local addresses follow a command within milliseconds: retries for a second until they match. */
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

/** The last field of a printed error object. */
const DETAILS = /,\n {4}"details": "(?:[^"\\]|\\.)+"\n\}$/;

/** Ours keep the original's code and msg, and add details, the only extra field an error may have. */
function withoutAddedDetails(ours: Levelled | undefined, wanted: Levelled | undefined): Levelled | undefined {
  const isError = wanted?.exit === 1 && ours?.exit === 1;
  if (!isError || DETAILS.test(wanted.stdout ?? '')) return ours;
  return { ...ours, stdout: (ours.stdout ?? '').replace(DETAILS, '\n}') };
}
