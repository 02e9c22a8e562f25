import { transact } from '../../shared/datastore/transaction.ts';
import { isUnavailable } from '../../shared/datastore/unavailable.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
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

/** When the datastore is unavailable, only a name from a random container ID proves ownership; a pod's name never does. */
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

/** Usually the names suffice. When they do not and the datastore is unavailable, an interface with our name is removed. */
async function ownsContainerInterface(session: Session, found: ContainerInterface): Promise<boolean> {
  const { identity } = session;
  const bearsOurName = found.host?.name === identity.hostVeth;
  // On the Kubernetes datastore the name is unique to the pod, and other pods cannot be listed.
  if (session.datastore === 'kubernetes' || (bearsOurName && bearsUniqueName(identity))) return bearsOurName;
  try {
    return await transact(session, () => mayRemoveInterface(identity, found));
  } catch (error) {
    session.log.debug('Decided by its name who owns the interface', { reason: toFailure(error).message });
    return bearsOurName;
  }
}
