import { type Levelled, levelAll } from './level.ts';
import type { Outcome, Recording, Step } from './recording.ts';

/** The calls of a recording with the index of their step. */
export function callsOf(recording: Recording): readonly (readonly [number, Step & Outcome])[] {
  const entries = [...recording.steps.entries()];
  return entries.filter((entry): entry is [number, Step & Outcome] => 'exit' in entry[1]);
}

/** Normalized outcomes of a recording by the index of their step. */
export function recorded(recording: Recording): ReadonlyMap<number, Levelled> {
  const calls = callsOf(recording);
  const levelled = levelAll(calls.map(([, step]) => step));
  return new Map(
    calls.flatMap(([index], place) => levelled.slice(place, place + 1).map((outcome) => [index, outcome])),
  );
}
