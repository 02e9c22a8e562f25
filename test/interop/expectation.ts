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
  const levelled = () => levelAll([...earlier, seen]).at(-1);
  for (let tries = 0; tries < 20 && !isDeepStrictEqual(levelled(), wanted); tries++) {
    await sleep(50);
    seen = await look();
  }
  expect(levelled(), what).toEqual(wanted);
  return seen;
}
