import { parseArgs } from 'node:util';
import { ALL_FUZZERS } from './fuzzers.ts';

export interface Options {
  /** For each fuzzer. */
  readonly cases: number;
  readonly seed: number;
  readonly only: readonly string[];
  /** The one case to repeat. */
  readonly single: number | undefined;
}

const USAGE = `usage: npm run fuzz -- [--cases N] [--seed S] [--only NAME,NAME …] [--case NUMBER]
names: ${Object.keys(ALL_FUZZERS).join(', ')}`;

const MANY = '100000';

/** Throws an error with the usage for invalid arguments. */
export function readOptions(words: readonly string[]): Options {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ args: [...words], options: { cases: text, seed: text, only: text, case: text } });
    const only = values.only?.split(',') ?? Object.keys(ALL_FUZZERS);
    const unknown = only.filter((name) => ALL_FUZZERS[name] === undefined);
    if (unknown.length > 0) throw new Error(`--only: there is no fuzzer "${unknown.join('", "')}"`);
    const single = values.case === undefined ? undefined : natural(values.case);
    return { cases: natural(values.cases ?? MANY), seed: natural(values.seed ?? String(Date.now())), only, single };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

function natural(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`a number is required, not "${text}"`);
  return Number(text);
}
