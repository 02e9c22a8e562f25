import type { Call } from '../../shared/cni/skel.ts';
import { inTurnFromBlocksOn } from '../../shared/datastore/in-turn.ts';
import { get } from '../../shared/datastore/query.ts';
import { CLUSTER_INFORMATION } from '../../shared/datastore/ref.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { legacyHandleOf } from '../block/handle-id.ts';
import { openSession, type Session } from '../call/session.ts';
import { leaveMachine } from '../call/with-machine.ts';
import { type DrainingCall, drainWherePossible } from '../journal/drain-in-call.ts';
import { DATASTORE_LIMIT_MS, tryRelease } from '../journal/release-or-journal.ts';
import { type Released, type ReleaseRequest, releaseHandles, releaseReads } from '../release/release.ts';

/** CNI DEL of `calico-ipam`: releases this container's addresses of this network. Having none is success. */
export async function del(call: Call): Promise<void> {
  const session = await openSession(call, DATASTORE_LIMIT_MS);
  const { containerID } = call.cmd;
  const { handleID, args } = session;
  try {
    const isReleased = await releaseOrJournal(session, containerID, [handleID, legacyHandleOf(args, containerID)]);
    // Not journalled: a machine's release fails, and the runtime repeats the DEL.
    await leaveMachine(session, containerID);
    if (isReleased) await drainWherePossible(draining(session));
  } finally {
    session.store.close();
  }
}

/** Releases everything that a container's handles hold and returns true; journals it when the datastore is unavailable, and returns false. */
function releaseOrJournal(session: Session, containerID: string, handleIDs: readonly string[]): Promise<boolean> {
  const { node, conf } = session;
  const entry = { network: conf.name, containerID, node, handleIDs };
  return tryRelease(session, () => release(session, handleIDs), entry);
}

/** Undoes an ADD of a container that held nothing before, within a time limit of its own. */
export async function takeBack(session: Session, containerID: string): Promise<void> {
  const own = { ...session, deadline: session.world.elapsed() + DATASTORE_LIMIT_MS };
  await releaseOrJournal(own, containerID, [session.handleID]);
  await leaveMachine(own, containerID);
}

/** What a release needs from a session. */
type Releasing = Pick<Session, 'node' | 'world' | 'log' | 'store' | 'deadline'>;

/** Releases everything that the handles hold, unless part of it was assigned after `before`. Holding nothing is success. */
export async function release(
  session: Releasing,
  handleIDs: readonly string[],
  before?: bigint,
): Promise<readonly string[]> {
  const { node, world, log } = session;
  const released: string[] = [];
  for (let more = true; more; ) {
    const readOwnBlocks = session.store.isTransactional === false;
    const request = { handleIDs, node, now: world.now(), before, readOwnBlocks };
    const answer = await inTurnFromBlocksOn(session.store, (store) =>
      transact({ ...session, store }, () => releaseNamingCluster(request)),
    );
    log.info('Released addresses', { addresses: answer.released.join(','), handle: handleIDs[0] ?? '' });
    released.push(...answer.released);
    more = answer.more;
  }
  return released;
}

/** The cluster's ID is read as well, for the next DEL that cannot reach the datastore. */
function* releaseNamingCluster(request: ReleaseRequest): Plan<Outcome<Released>> {
  yield [get(CLUSTER_INFORMATION), ...releaseReads(request)];
  return yield* releaseHandles(request);
}

/** How `calico-ipam` drains the journal: it releases addresses; endpoints are left to `calico`. */
export const draining = (session: Session): DrainingCall => ({
  ...session,
  isOurKind: ({ endpoint }) => endpoint === undefined,
  release: ({ node, handleIDs, due }) => release({ ...session, node }, handleIDs, due),
});
