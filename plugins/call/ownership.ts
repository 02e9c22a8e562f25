import { transact } from '../../shared/datastore/transaction.ts';
import { isUnavailable } from '../../shared/datastore/unavailable.ts';
import { toFailure } from '../../shared/error/to-failure.ts';
import type { ContainerInterface } from '../dataplane/container-interface.ts';
import type { Ownership, Removal } from '../dataplane/dataplane.ts';
import { bearsUniqueName, mayRemoveHostVeth, mayRemoveInterface, mayRemovePodVeth } from '../decide/veth-owner.ts';
import type { Session } from './session.ts';

/** What a dataplane needs to remove this session's interface. */
export const removalOf = (session: Session, netns: string): Removal => ({
  world: session.world,
  log: session.log,
  netns,
  containerName: session.identity.endpoint,
  hostName: session.identity.hostVeth,
  ownership: ownershipOf(session),
});

const ownershipOf = (session: Session): Ownership => ({
  ofHostEnd: () => ownsHostEnd(session),
  ofContainerInterface: (found) => ownsContainerInterface(session, found),
});

/** With the datastore out of reach only the name itself can tell: a container's, if it is random enough; a pod's never. */
async function ownsHostEnd(session: Session): Promise<boolean> {
  const { identity } = session;
  try {
    const mayRemove = session.datastore === 'kubernetes' ? mayRemovePodVeth : mayRemoveHostVeth;
    return await transact(session, () => mayRemove(identity));
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return bearsUniqueName(identity);
  }
}

/** Nearly always the names alone tell. Where they do not, and the datastore cannot, what bears our name goes. */
async function ownsContainerInterface(session: Session, found: ContainerInterface): Promise<boolean> {
  const { identity } = session;
  const bearsOurName = found.host?.name === identity.hostVeth;
  // On the Kubernetes datastore the name is a pod's own, and nobody else's endpoints can be listed.
  if (session.datastore === 'kubernetes' || (bearsOurName && bearsUniqueName(identity))) return bearsOurName;
  try {
    return await transact(session, () => mayRemoveInterface(identity, found));
  } catch (error) {
    session.log.debug('Judged by its name whose interface it is', { reason: toFailure(error).message });
    return bearsOurName;
  }
}
