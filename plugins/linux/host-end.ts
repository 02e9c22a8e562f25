import { transact } from '../../shared/datastore/transaction.ts';
import { isUnavailable } from '../../shared/datastore/unavailable.ts';
import type { Session } from '../call/session.ts';
import { bearsUniqueName, mayRemoveHostVeth } from '../decide/veth-owner.ts';
import { linkExists } from './kernel.ts';
import { removeOnHost, removeShaper } from './removal.ts';

/** Removes the host's end that is still there when it can only be this container's, and a shaping device without a pair. */
export async function removeHostEnd(session: Session): Promise<void> {
  const { hostVeth } = session.identity;
  if (hostVeth === '') return;
  if (linkExists(hostVeth) && (await isOurs(session))) await removeOnHost(hostVeth);
  await removeShaper(hostVeth);
}

/** With a dead etcd only the name itself can tell: a container's, if it is random enough; a pod's never. */
async function isOurs(session: Session): Promise<boolean> {
  const { identity } = session;
  try {
    return await transact(session, [], () => mayRemoveHostVeth(identity));
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return bearsUniqueName(identity);
  }
}
