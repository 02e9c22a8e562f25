import { parseArgs } from 'node:util';
import type { Extra } from '../../build/setup.ts';
import { anySeed } from '../support/inputs/chance.ts';
import { DATASTORES, type DatastoreName } from './clusters/cluster.ts';

export interface Options {
  readonly datastore: DatastoreName;
  /** Only calls whose name contains this. */
  readonly only: string;
  /** The number of cases to draw. All if undefined. */
  readonly sample: number | undefined;
  /** Unless 0, kills the release build this many times at random instead of running cases. */
  readonly kills: number;
  readonly machines: number;
  readonly seed: number;
}

const USAGE =
  'usage: npm run faults -- [--datastore etcd|kubernetes] [--only TEXT] [--sample N] [--kills N] [--machines N] [--seed N]';

/** Throws an error with the usage for invalid arguments. */
export function readOptions(words: readonly string[]): Options {
  try {
    const text = { type: 'string' } as const;
    const options = { datastore: text, only: text, sample: text, kills: text, machines: text, seed: text } as const;
    const { values } = parseArgs({ args: [...words], options });
    const { datastore, only = '', sample, kills = '0', machines = '4', seed } = values;
    return {
      datastore: datastoreNamed(datastore),
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

/** The datastore given with `--datastore`: etcd when it is not given. */
export function datastoreNamed(given: string = DATASTORES[0]): DatastoreName {
  const found = DATASTORES.find((name) => name === given);
  if (found === undefined) throw new Error(`--datastore takes ${DATASTORES.join(' or ')}, not "${given}"`);
  return found;
}

/** What a datastore's cluster needs beside what every command has. */
export const extrasOf = (datastore: DatastoreName): readonly Extra[] =>
  datastore === 'kubernetes' ? ['kube-apiserver', 'openssl'] : [];

/** The number given for an option. Throws an error that names the option. */
export function natural(name: string, given: string): number {
  if (!/^\d{1,9}$/.test(given)) throw new Error(`--${name} takes a number, not "${given}"`);
  return Number(given);
}
