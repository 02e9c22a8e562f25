import { transact } from '../../shared/datastore/transaction.ts';
import { toCniError } from '../../shared/error/error.ts';
import type { Session } from '../call/session.ts';
import { type Attachment, bearsUniqueName, mayRemoveAttachment } from '../decide/veth-owner.ts';
import { attachmentOf } from './attachment.ts';
import type { Netns } from './netns.ts';
import { removeInside } from './removal.ts';

/** Removes the interface in CNI_NETNS, and its other end, if it is this container's: the namespace may be another one's by now. */
export async function removeContainerEnd(session: Session, netns: Netns, name: string): Promise<void> {
  const attachment = attachmentOf(netns, name);
  if (attachment === undefined) return;
  const host = attachment.host?.name;
  if (await isOurs(session, attachment)) return removeInside(netns, name, host);
  session.log.info('Left an interface that is not of this container', {
    interface: name,
    netns: netns.path,
    host: host ?? '',
  });
}

/** Nearly always the names alone tell. Where they do not, and etcd cannot, what bears our name goes. */
async function isOurs(session: Session, attachment: Attachment): Promise<boolean> {
  const { identity } = session;
  const bearsOurName = attachment.host?.name === identity.hostVeth;
  if (bearsOurName && bearsUniqueName(identity)) return true;
  try {
    return await transact(session, [], () => mayRemoveAttachment(identity, attachment));
  } catch (error) {
    session.log.debug('Judged by its name whose interface it is', { reason: toCniError(error).message });
    return bearsOurName;
  }
}
