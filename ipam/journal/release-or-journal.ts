import { knownStores } from '../../shared/call/known-stores.ts';
import type { StoreAndLog } from '../../shared/call/store-and-log.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { get } from '../../shared/datastore/query.ts';
import { CLUSTER_INFORMATION } from '../../shared/datastore/ref.ts';
import { type DatastoreUnavailable, isUnavailable, unavailable } from '../../shared/datastore/unavailable.ts';
import type { World } from '../../shared/system/world.ts';
import { type JournalEntry, type StoreHere, type StoreSought, storeHere } from './journal-entry.ts';
import { record } from './journal-files.ts';

/** How long a DEL waits for an unresponsive datastore before it writes its release to the journal. */
export const DATASTORE_LIMIT_MS = 10_000;

/** A call that may have to write a release to the journal. */
export interface Recording extends StoreAndLog {
  readonly world: World;
  readonly conf: NetConf;
  readonly deadline: number;
}

/** Does a release (true), or writes it to the journal when the datastore is unavailable (false). Fails only when neither works. */
export async function tryRelease(
  call: Recording,
  release: () => Promise<unknown>,
  entry: Omit<JournalEntry, 'store' | 'due'>,
): Promise<boolean> {
  const { world, log } = call;
  const due = world.now();
  try {
    await release();
    return true;
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    put({ ...entry, due, store: storeSought(call) }, error, world);
    const reason = error.details ?? error.message;
    log.warn('The datastore is out of reach: the release is on record and will be done by a later call', { reason });
    return false;
  }
}

/** The datastore that a call looks for: the cluster it has read, otherwise the one that earlier calls have seen behind its endpoints. */
function storeSought({ store, endpoints }: StoreAndLog): StoreSought {
  const known = knownStores();
  const heard = new Set(endpoints.flatMap((mark) => known.get(mark) ?? []));
  const cluster = store.cluster() ?? (heard.size === 1 ? [...heard][0] : undefined);
  return { ...(cluster === undefined ? {} : { cluster }), endpoints, not: [] };
}

/** The datastore that a call works with; its cluster's name is read unless the call knows it already. */
export async function storeOf({ store, endpoints, api, conf, deadline }: Recording): Promise<StoreHere> {
  if (store.cluster() === undefined) await store.read([get(CLUSTER_INFORMATION)], deadline);
  const here = { cluster: store.cluster(), endpoints };
  return api === undefined ? storeHere(conf.etcd, here) : here;
}

function put(entry: JournalEntry, why: DatastoreUnavailable, world: World): void {
  try {
    record(entry, world.random(8));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const details = `${why.details ?? ''}; writing the release to the journal failed as well: ${reason}`;
    throw unavailable(why.reason, why.message, details, error);
  }
}
