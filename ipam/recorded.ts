import { StoreUnavailable } from '../shared/etcd/errors.ts';
import type { Log } from '../shared/log.ts';
import type { World } from '../shared/world.ts';
import { type JournalEntry, record } from './journal.ts';

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

function put(entry: JournalEntry, why: StoreUnavailable, world: World): void {
  try {
    record(entry, world.random(8));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const details = `${why.details ?? ''}; the release could not be put on record either: ${reason}`;
    throw new StoreUnavailable(why.kind, why.message, details, error);
  }
}
