import { parseArgs } from 'node:util';
import { natural } from '../faults/options.ts';
import { anySeed } from '../support/inputs/chance.ts';

export interface Options {
  readonly count: number;
  readonly seed: number;
  /** Only files whose path contains this. */
  readonly only: string;
  /** Whether the integration tests also run for a mutant that the unit tests miss. */
  readonly integration: boolean;
}

const USAGE = 'usage: npm run mutate -- [--count N] [--seed N] [--only TEXT] [--unit]';

/** Throws an error with the usage for invalid arguments. */
export function readOptions(words: readonly string[]): Options {
  try {
    const text = { type: 'string' } as const;
    const options = { count: text, seed: text, only: text, unit: { type: 'boolean' } } as const;
    const { count = '20', seed, only = '', unit = false } = parseArgs({ args: [...words], options }).values;
    return {
      count: natural('count', count),
      seed: seed === undefined ? anySeed() : natural('seed', seed),
      only,
      integration: !unit,
    };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}
