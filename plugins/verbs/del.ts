import { DATASTORE_LIMIT_MS } from '../../ipam/journal/recorded.ts';
import type { Call } from '../../shared/cni/skel.ts';
import type { TurnStore } from '../../shared/datastore/in-turn.ts';
import { CniError, toCniError } from '../../shared/error/error.ts';
import { releaseThroughDelegate } from '../call/delegated-ipam.ts';
import { drainWherePossible, releaseOrRecord } from '../call/journalled.ts';
import { openSession, type Session } from '../call/session.ts';
import { removeThroughDataplane } from '../grpc/dataplane.ts';
import { dataplaneOptions } from '../grpc/options.ts';
import { removeContainerEnd } from '../linux/container-end.ts';
import { removeHostEnd } from '../linux/host-end.ts';
import { isGone, isOwnNetns, type Netns, openNetns, ownNetnsRefused } from '../linux/netns.ts';

/** CNI DEL: interface, addresses, handle and endpoint go; each is tried whatever becomes of the others, and what is gone already is success. */
export async function del(call: Call): Promise<void> {
  const session = openSession(call, DATASTORE_LIMIT_MS);
  const { cmd } = call;
  const own = cmd.netns !== '' && !cmd.netnsOverride && isOwnNetns(cmd.netns);
  const failures: CniError[] = [];
  const attempt = (work: Promise<unknown>): Promise<void> =>
    work.then(
      () => undefined,
      (error: unknown) => void failures.push(toCniError(error, 'serving DEL')),
    );
  try {
    // Another IPAM plugin is asked first, for as long as it takes.
    if (session.conf.ipam.type === 'calico-ipam') await session.store.begin(session.deadline);
    const removal = own ? Promise.resolve() : attempt(removeInterfaces(session, call));
    await attempt(releaseAfter(session, call, removal));
    await removal;
  } finally {
    session.store.close();
  }
  if (own) failures.push(ownNetnsRefused());
  if (failures.length > 0) throw together(failures);
}

/** The interface through its netns first, then the host's end. The rest is done even if the netns cannot be opened. */
async function removeInterfaces(session: Session, { cmd }: Call): Promise<void> {
  const dataplane = dataplaneOptions(session.conf);
  if (dataplane !== undefined) return removeThroughDataplane(session, dataplane, cmd);
  let netns: Netns | undefined;
  try {
    netns = cmd.netns === '' || isGone(cmd.netns) ? undefined : openNetns(cmd.netns);
    if (netns !== undefined) await removeContainerEnd(session, netns, cmd.ifName);
  } finally {
    netns?.close();
    await removeHostEnd(session);
  }
}

/** Reads while the interface goes, commits when its route is gone: only then may another container get the address. */
async function releaseAfter(session: Session, call: Call, removal: Promise<void>): Promise<void> {
  const delegated = session.conf.ipam.type !== 'calico-ipam';
  if (delegated) {
    await removal;
    releaseThroughDelegate(call);
  }
  const store: TurnStore = {
    ...session.store,
    commit: async (...args) => {
      await removal;
      return session.store.commit(...args);
    },
  };
  if (await releaseOrRecord({ ...session, store })) await drainWherePossible(session);
}

/** The first failure, with the others' words in its details. */
function together(failures: readonly CniError[]): CniError {
  const [first, ...others] = failures as [CniError, ...CniError[]];
  if (others.length === 0) return first;
  const details = [first.details, ...others.map(({ message }) => `also: ${message}`)].filter(
    (text) => text !== undefined,
  );
  return new CniError(first.code, first.message, details.join('; '), first);
}
