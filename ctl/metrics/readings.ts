import { toFailure } from '../../shared/error/failure-context.ts';
import { failureText } from '../../shared/error/failure-text.ts';
import type { World } from '../../shared/system/world.ts';
import type { CheckFigures } from './finding-families.ts';
import type { ClusterRead, ClusterReader } from './read-cluster.ts';

/** What a reading has brought, or that it failed; when, in seconds of the process. */
type DatastoreReading = { readonly at: number } & ({ readonly cluster: ClusterRead } | { readonly failed: true });

/** Readings of the datastore, one at a time. */
export interface Readings {
  /** The one under way, or a new one. Does not fail. */
  next(): Promise<DatastoreReading>;
  /** The last that has ended. */
  last(): DatastoreReading | undefined;
}

/** Says on standard error what fails, once as long as it stays the same. */
export interface Complaints {
  say(thrown: unknown, what: string): void;
  /** It works again. */
  forget(what: string): void;
}

export function complaintsOf({ stderr }: Pick<World, 'stderr'>): Complaints {
  const said = new Map<string, string>();
  return {
    say(thrown, what) {
      const text = failureText(toFailure(thrown), `${what}: `);
      if (said.get(what) !== text) stderr(text);
      said.set(what, text);
    },
    forget: (what) => void said.delete(what),
  };
}

const READING = 'cannot read the datastore';

export function openReadings(
  reader: Pick<ClusterReader, 'cluster'>,
  { elapsed }: Pick<World, 'elapsed'>,
  complaints: Complaints,
  note: (cluster: ClusterRead, at: number) => void,
): Readings {
  let underWay: Promise<DatastoreReading> | undefined;
  let last: DatastoreReading | undefined;
  const read = async (): Promise<DatastoreReading> => {
    try {
      const cluster = await reader.cluster();
      last = { at: elapsed() / 1000, cluster };
      note(cluster, last.at);
      complaints.forget(READING);
    } catch (thrown) {
      complaints.say(thrown, READING);
      last = { at: elapsed() / 1000, failed: true };
    }
    underWay = undefined;
    return last;
  };
  return {
    next() {
      underWay ??= read();
      return underWay;
    },
    last: () => last,
  };
}

/** How the data is checked: how often, in seconds (0: never), and what `ipam check` calls grace. */
export interface CheckOptions {
  readonly every: number;
  readonly grace: number;
}

/** Checks of the data, one at a time. */
export interface Checks {
  /** Begins one when it is due. Resolves when none is under way; does not fail. */
  whenDue(cluster: ClusterRead): Promise<void>;
  last(): CheckFigures | undefined;
}

const CHECKING = 'cannot check the data';

export function openChecks(
  reader: Pick<ClusterReader, 'check'>,
  { elapsed }: Pick<World, 'elapsed'>,
  complaints: Complaints,
  { every, grace }: CheckOptions,
): Checks {
  let underWay: Promise<void> | undefined;
  let begun: number | undefined;
  let last: CheckFigures | undefined;
  const check = async (cluster: ClusterRead): Promise<void> => {
    try {
      last = await reader.check(cluster, grace);
      complaints.forget(CHECKING);
    } catch (thrown) {
      complaints.say(thrown, CHECKING);
    }
    underWay = undefined;
  };
  return {
    async whenDue(cluster) {
      const now = elapsed() / 1000;
      if (every > 0 && underWay === undefined && (begun === undefined || now - begun >= every)) {
        begun = now;
        underWay = check(cluster);
      }
      await underWay;
    },
    last: () => last,
  };
}
