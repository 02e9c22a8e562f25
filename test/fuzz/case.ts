import { drawOf } from './draw.ts';
import { ALL_FUZZERS } from './fuzzers.ts';

/** A case that takes longer counts as an endless loop. */
export const CASE_LIMIT_MS = 20_000;

/** Runs one case. Returns the problem and the command that repeats it, or undefined. */
export async function runCase(name: string, seed: number, number: number): Promise<string | undefined> {
  const began = performance.now();
  try {
    await ALL_FUZZERS[name]?.(drawOf(seed, name, number));
    const took = performance.now() - began;
    return took < CASE_LIMIT_MS ? undefined : `${again(name, seed, number)}: took ${Math.round(took)} ms`;
  } catch (thrown) {
    return `${again(name, seed, number)}: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : thrown}`;
  }
}

/** The command that repeats a case. */
export const again = (name: string, seed: number, number: number): string =>
  `npm run fuzz -- --only ${name} --seed ${seed} --case ${number}`;
