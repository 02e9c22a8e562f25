import { drain, type JournalEntry, storeName } from '../ipam/journal.ts';
import { drainBefore, orRecord, whereReached } from '../ipam/recorded.ts';
import type { Identity } from './identity.ts';
import { releaseEndpoint } from './release-endpoint.ts';
import type { Session } from './session.ts';

/** Releases the endpoint, true, or puts the release on record when etcd is out of reach, false. */
export function releaseOrRecord(session: Session): Promise<boolean> {
  const { conf, identity } = session;
  const { containerID, node, handleID, legacyHandleID } = identity;
  const handleIDs = conf.ipam.type === 'calico-ipam' ? [handleID, legacyHandleID] : [];
  const entry = { network: conf.name, containerID, node, store: storeName(conf.etcd), handleIDs, endpoint: identity };
  return orRecord(session, entry, () => releaseEndpoint(session));
}

/** Does what earlier DELs could not, before anything is allocated. Throws StoreUnavailable when it still cannot be done. */
export const drainJournal = (session: Session): Promise<void> =>
  drainBefore(session.identity.containerID, session.world, () => drainNow(session));

/** The same in a call that allocates nothing: what still cannot be done waits on. */
export const drainWherePossible = (session: Session): Promise<void> => whereReached(() => drainNow(session));

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
