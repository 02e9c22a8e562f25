import { parseArgs } from 'node:util';
import { anySeed } from '../support/chance.ts';

export interface Options {
  /** Only calls whose name contains this. */
  readonly only: string;
  /** How many cases to draw; all of them when undefined. */
  readonly sample: number | undefined;
  /** Random kills of the release build, instead of cases, when not 0. */
  readonly kills: number;
  readonly machines: number;
  readonly seed: number;
}

const USAGE = 'usage: npm run faults -- [--only TEXT] [--sample N] [--kills N] [--machines N] [--seed N]';

/** Throws an error with the usage when the words are not understood. */
export function readOptions(words: readonly string[]): Options {
  try {
    const text = { type: 'string' } as const;
    const options = { only: text, sample: text, kills: text, machines: text, seed: text } as const;
    const { only = '', sample, kills = '0', machines = '4', seed } = parseArgs({ args: [...words], options }).values;
    return {
      only,
      sample: sample === undefined ? undefined : natural('sample', sample),
      kills: natural('kills', kills),
      machines: Math.max(1, natural('machines', machines)),
      seed: seed === undefined ? anySeed() : natural('seed', seed),
    };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

/** The number an option is given; throws naming the option. */
export function natural(name: string, given: string): number {
  if (!/^\d{1,9}$/.test(given)) throw new Error(`--${name} takes a number, not "${given}"`);
  return Number(given);
}
