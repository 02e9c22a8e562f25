import { parseArgs } from 'node:util';

/** The rows that `--only` accepts. */
export const ROWS = [
  'start',
  'plain',
  'dual',
  'tls',
  'metrics',
  'kubernetes',
  'group',
  'scale',
  'large-cluster',
  'large-store',
  'node',
  'burst',
  'storm',
  'convergence',
] as const;

export type Row = (typeof ROWS)[number];

export interface Options {
  readonly quick: boolean;
  /** Timed calls of each kind. */
  readonly rounds: number;
  readonly only: readonly Row[];
  /** Where to write the figures. */
  readonly json?: string;
  /** Earlier figures to compare with. */
  readonly against?: string;
}

export const USAGE = `usage: npm run bench -- [--quick] [--rounds N] [--only ROW,ROW …] [--json FILE] [--against FILE]
rows: ${ROWS.join(', ')}`;

const MANY = 100;
const FEW = 10;

/** Throws an error with the usage for invalid arguments. */
export function readOptions(words: readonly string[]): Options {
  try {
    const text = { type: 'string' } as const;
    const options = { quick: { type: 'boolean' }, rounds: text, only: text, json: text, against: text } as const;
    const { quick = false, rounds, only, ...files } = parseArgs({ args: [...words], options }).values;
    return { quick, rounds: readRounds(rounds, quick), only: readRows(only), ...files };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

function readRounds(text: string | undefined, quick: boolean): number {
  const rounds = text === undefined ? (quick ? FEW : MANY) : Number(text);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds takes a positive number, not "${text}"`);
  return rounds;
}

function readRows(text: string | undefined): readonly Row[] {
  const names = text?.split(',') ?? ROWS;
  const unknown = names.filter((name) => !ROWS.some((row) => row === name));
  if (unknown.length > 0) throw new Error(`--only: unknown row "${unknown.join('", "')}"`);
  return ROWS.filter((row) => names.includes(row));
}
