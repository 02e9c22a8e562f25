import { isUnavailable } from '../../shared/datastore/unavailable.ts';
import { Failure } from '../../shared/error/failure.ts';
import { sleep } from '../../shared/system/pause.ts';
import { type Draining, drain, type Heir } from './journal.ts';
import { type Recording, storeOf } from './release-or-journal.ts';

/** A call that drains the journal, with what it can release and how. */
export type DrainingCall = Recording & Pick<Draining, 'node' | 'isOurKind' | 'release'>;

/** How long an ADD waits for another process that is releasing its own container from the journal. */
const PATIENCE_MS = 10_000;

/**
 * Does the journal's releases before a container gets addresses: a release for it by another process must be over first, and is
 * taken over if that process is killed. Throws error 11 when that takes too long, or when the datastore is still unavailable.
 */
export async function drainBefore(call: DrainingCall, containerID: string): Promise<void> {
  const { world, conf } = call;
  const until = world.elapsed() + PATIENCE_MS;
  while (await drainNow(call, { network: conf.name, containerID })) {
    if (world.elapsed() >= until) {
      const where = `for ${PATIENCE_MS / 1000} s`;
      throw new Failure('try again later', `another call is still releasing the addresses of ${containerID}`, {
        where,
      });
    }
    await sleep(20);
  }
}

/** The same in a call that assigns nothing: entries that still cannot be released stay in the journal. */
export async function drainWherePossible(call: DrainingCall): Promise<void> {
  try {
    await drainNow(call);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
  }
}

const drainNow = (call: DrainingCall, heir?: Heir): Promise<boolean> => {
  const { log, world, node, isOurKind, release } = call;
  return drain({ log, world, here: () => storeOf(call), node, heir, isOurKind, release });
};
