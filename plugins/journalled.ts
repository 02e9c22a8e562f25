import { drain, isBeingDrained, type JournalEntry, storeName } from '../ipam/journal.ts';
import { orRecord } from '../ipam/recorded.ts';
import { StoreUnavailable } from '../shared/etcd/errors.ts';
import { sleep } from '../shared/pause.ts';
import type { Identity } from './identity.ts';
import { releaseEndpoint } from './release-endpoint.ts';
import type { Session } from './session.ts';

/** How long an ADD waits for another process that is releasing its own container from the journal. */
const PATIENCE_MS = 10_000;

/** Releases the endpoint, true, or puts the release on record when etcd is out of reach, false. */
export function releaseOrRecord(session: Session): Promise<boolean> {
  const { conf, identity } = session;
  const { containerID, node, handleID, legacyHandleID } = identity;
  const handleIDs = conf.ipam.type === 'calico-ipam' ? [handleID, legacyHandleID] : [];
  const entry = { network: conf.name, containerID, node, store: storeName(conf.etcd), handleIDs, endpoint: identity };
  return orRecord(session, entry, () => releaseEndpoint(session));
}

/** Does what earlier DELs could not, before anything is allocated. Throws StoreUnavailable when it still cannot be done. */
export async function drainJournal(session: Session): Promise<void> {
  await drainNow(session);
  const until = session.world.elapsed() + PATIENCE_MS;
  while (isBeingDrained(session.identity.containerID) && session.world.elapsed() < until) await sleep(20);
}

/** The same on the way out of a call that allocates nothing: what still cannot be done waits on. */
export async function drainIfPossible(session: Session): Promise<void> {
  try {
    await drainNow(session);
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}

async function drainNow(session: Session): Promise<void> {
  await drain(storeName(session.conf.etcd), session.log, async (entry: JournalEntry) => {
    const identity = entry.endpoint as Identity | undefined;
    if (identity === undefined || entry.node !== session.identity.node) return false;
    // The network that is being added may have another IPAM plugin than the one that was deleted.
    const type = entry.handleIDs.length > 0 ? 'calico-ipam' : '';
    const conf = { ...session.conf, ipam: { ...session.conf.ipam, type } };
    await releaseEndpoint({ ...session, conf, identity });
    return true;
  });
}
