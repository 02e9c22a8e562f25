import { CniError, ErrorCode } from '../shared/cni/error.ts';
import { StoreUnavailable } from '../shared/etcd/errors.ts';
import type { Log } from '../shared/log.ts';
import { sleep } from '../shared/pause.ts';
import type { World } from '../shared/world.ts';
import { type Heir, type JournalEntry, record } from './journal.ts';

/** How long a DEL asks a silent etcd before its release goes on record. */
export const DATASTORE_LIMIT_MS = 10_000;

/** Does a release, true, or puts it on record when etcd is out of reach, false; fails with error 11 only when neither can be done. */
export async function orRecord(
  { world, log }: { readonly world: World; readonly log: Log },
  entry: JournalEntry,
  release: () => Promise<void>,
): Promise<boolean> {
  try {
    await release();
    return true;
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    put(entry, error, world);
    const reason = error.details ?? error.message;
    log.warn('etcd is out of reach: the release is on record and will be done by a later call', { reason });
    return false;
  }
}

/** How long an ADD waits for another process that is releasing its own container from the journal. */
const PATIENCE_MS = 10_000;

/**
 * Has what is on record done before `heir` is given something: what another process is releasing for it has to be over by
 * then, and is taken over should that process be killed meanwhile. Throws error 11 when it goes on and on.
 */
export async function drainBefore(heir: Heir, world: World, drainNow: (heir: Heir) => Promise<boolean>): Promise<void> {
  const until = world.elapsed() + PATIENCE_MS;
  while (await drainNow(heir)) {
    if (world.elapsed() >= until) {
      const why = `for ${PATIENCE_MS / 1000} s`;
      throw new CniError(ErrorCode.tryAgainLater, `another call is releasing what ${heir.containerID} held`, why);
    }
    await sleep(20);
  }
}

/** Has what is on record done as far as etcd can be reached. */
export async function whereReached(drainNow: () => Promise<unknown>): Promise<void> {
  try {
    await drainNow();
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}

function put(entry: JournalEntry, why: StoreUnavailable, world: World): void {
  try {
    record(entry, world.random(8));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const details = `${why.details ?? ''}; the release could not be put on record either: ${reason}`;
    throw new StoreUnavailable(why.kind, why.message, details, error);
  }
}
