import type { Call } from '../shared/cni/skel.ts';
import { StoreUnavailable } from '../shared/etcd/errors.ts';
import { transact } from '../shared/etcd/transaction.ts';
import { legacyHandleOf } from './asked.ts';
import { drain, storeName } from './journal.ts';
import { DATASTORE_LIMIT_MS, orRecord } from './recorded.ts';
import { releaseHandles, releaseReads } from './release.ts';
import { openSession, type Session } from './session.ts';

/** CNI DEL of `calico-ipam`: what this container holds of this network is free again; holding nothing is success. */
export async function del(call: Call): Promise<void> {
  const session = openSession(call, DATASTORE_LIMIT_MS);
  const { containerID } = call.cmd;
  const { node, handleID, conf, args } = session;
  const handleIDs = [handleID, legacyHandleOf(args, containerID)];
  const entry = { network: conf.name, containerID, node, store: storeName(conf.etcd), handleIDs };
  try {
    if (await orRecord(session, entry, () => release(session, handleIDs))) await drainIfPossible(session);
  } finally {
    session.store.close();
  }
}

/** Frees all that the handles hold; what they do not hold is success. */
export async function release(session: Session, handleIDs: readonly string[]): Promise<void> {
  const { node, world, log } = session;
  for (let more = true; more; ) {
    const request = { handleIDs, node, now: world.now() };
    const answer = await transact(session, releaseReads(request), () => releaseHandles(request));
    log.info('Released addresses', { addresses: answer.released.join(','), handle: handleIDs[0] ?? '' });
    more = answer.more;
  }
}

/** The same on the way out of a call that allocates nothing: what still cannot be done waits on. */
export async function drainIfPossible(session: Session): Promise<void> {
  try {
    await drainJournal(session);
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}

/** Does what earlier DELs of `calico-ipam` could not, before anything is allocated. */
export async function drainJournal(session: Session): Promise<void> {
  await drain(storeName(session.conf.etcd), session.log, async (entry) => {
    if (entry.endpoint !== undefined || entry.node !== session.node) return false;
    await release(session, entry.handleIDs);
    return true;
  });
}
