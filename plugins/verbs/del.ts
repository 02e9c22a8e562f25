import { drainWherePossible } from '../../ipam/journal/drain-in-call.ts';
import { DATASTORE_LIMIT_MS } from '../../ipam/journal/release-or-journal.ts';
import type { Call } from '../../shared/cni/skel.ts';
import type { TurnStore } from '../../shared/datastore/in-turn.ts';
import { readAheadForSome } from '../../shared/datastore/read-ahead.ts';
import type { Failure } from '../../shared/error/failure.ts';
import { toFailure, withDetails } from '../../shared/error/failure-context.ts';
import { inContainerTurn } from '../call/container-turn.ts';
import { dataplaneOf } from '../call/dataplane-of.ts';
import { releaseThroughDelegate } from '../call/delegated-ipam.ts';
import { draining, releaseOrJournal } from '../call/journal.ts';
import { isOwnNetns, ownNetnsRefused } from '../call/own-netns.ts';
import { removalOf } from '../call/ownership.ts';
import { firstReads } from '../call/release-endpoint.ts';
import { openSession, type Session } from '../call/session.ts';
import { bearsUniqueName } from '../decide/veth-owner.ts';

/** CNI DEL: removes interface, addresses, handle and endpoint. A failure of one does not stop the others; missing ones are success. */
export const del = (call: Call): Promise<void> => inContainerTurn(call, 'DEL', () => delInTurn(call));

async function delInTurn(call: Call): Promise<void> {
  const session = await openSession(call, DATASTORE_LIMIT_MS);
  const isOwn = isOwnNetns(call.cmd);
  const failures: Failure[] = [];
  const attempt = (work: Promise<unknown>): Promise<void> =>
    work.then(
      () => undefined,
      (error: unknown) => void failures.push(toFailure(error, 'serving DEL')),
    );
  try {
    const reader = await readersOf(session);
    const removal = isOwn ? Promise.resolve() : attempt(removeInterface({ ...session, store: reader() }));
    await attempt(releaseAfter({ ...session, store: reader() }, removal));
    await removal;
  } finally {
    session.store.close();
  }
  if (isOwn) failures.push(ownNetnsRefused());
  if (failures.length > 0) throw together(failures);
}

/** The datastore for DEL's two decisions (may the interface be removed, what to release): both share one read, started here. */
async function readersOf(session: Session): Promise<() => TurnStore> {
  const { store, deadline, identity } = session;
  // The other IPAM plugin's DEL runs first and may take long.
  if (session.conf.ipam.type !== 'calico-ipam') return () => store;
  await store.begin(deadline);
  // Usually the name alone proves who owns the interface.
  if (bearsUniqueName(identity)) return () => store;
  return readAheadForSome(store, firstReads(session), deadline);
}

const removeInterface = async (session: Session): Promise<void> =>
  (await dataplaneOf(session.conf)).remove(removalOf(session, session.cmd.netns));

/** Reads while the interface is being removed, and commits once its route is gone: only then may another container get the address. */
async function releaseAfter(session: Session, removal: Promise<void>): Promise<void> {
  const delegated = session.conf.ipam.type !== 'calico-ipam';
  if (delegated) {
    await removal;
    releaseThroughDelegate(session);
  }
  const store: TurnStore = {
    ...session.store,
    // The others' turn would be over sooner than the kernel is done.
    enter: async (patience) => {
      if (session.store.isTransactional !== false) await removal;
      return session.store.enter(patience);
    },
    commit: async (...args) => {
      await removal;
      return session.store.commit(...args);
    },
  };
  if (await releaseOrJournal({ ...session, store })) await drainWherePossible(draining(session));
}

/** The first failure, with the others' messages in its details. */
function together(failures: readonly Failure[]): Failure {
  const [first, ...others] = failures as [Failure, ...Failure[]];
  const also = others.map(({ message }) => `also: ${message}`);
  return also.length === 0 ? first : withDetails(first, also);
}
