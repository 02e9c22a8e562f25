import type { Call } from '../shared/cni/skel.ts';
import { transact } from '../shared/etcd/transaction.ts';
import { legacyHandleOf } from './asked.ts';
import { drain, type Heir, storeName } from './journal.ts';
import { DATASTORE_LIMIT_MS, drainBefore, orRecord, whereReached } from './recorded.ts';
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
    if (await orRecord(session, entry, () => release(session, handleIDs))) await drainWherePossible(session);
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

/** Does what earlier DELs of `calico-ipam` could not, before anything is allocated. Throws StoreUnavailable when it still cannot be done. */
export const drainJournal = (session: Session, containerID: string): Promise<void> =>
  drainBefore({ network: session.conf.name, containerID }, session.world, (heir) => drainNow(session, heir));

/** The same in a call that allocates nothing: what still cannot be done waits on. */
export const drainWherePossible = (session: Session): Promise<void> => whereReached(() => drainNow(session));

function drainNow(session: Session, heir?: Heir): Promise<boolean> {
  const store = storeName(session.conf.etcd);
  return drain({
    log: session.log,
    heir,
    isOurs: (entry) => entry.store === store && entry.node === session.node && entry.endpoint === undefined,
    release: (entry) => release(session, entry.handleIDs),
  });
}
