import type { AddressHolder } from '../../ipam/block/holder.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import { findPodOwner } from '../../shared/kubernetes/pod-owner.ts';
import { podVethName } from '../../shared/kubernetes/veth-name.ts';
import { bootTime } from '../../shared/system/boot-time.ts';
import { type Identity, identify } from '../decide/identity.ts';
import { isAnotherNetworks, isOwnPods, isPodGone, type Suspect, suspectsAmong } from '../decide/take-over.ts';
import { inContainerTurn } from './container-turn.ts';
import { releaseEndpoint } from './release-endpoint.ts';
import type { Gathered } from './request.ts';
import type { Session } from './session.ts';

type Taking = Pick<Gathered, 'session' | 'attachment'>;

/** Most pods that Kubernetes is asked about: each is a request, and an ADD is waiting. */
const MOST_ASKED = 8;

/**
 * Releases what one of these holders has, if its container ran on this node and is provably gone: no trace in the kernel, and its pod is
 * deleted or another by now. Resolves to the addresses released. Never releases anything of another node.
 */
export async function takeOver(taking: Taking, holders: readonly AddressHolder[]): Promise<readonly string[]> {
  const { session, attachment } = taking;
  const { conf, world, store } = session;
  // Other ADDs of this host need not wait for the proof.
  store.leave();
  const here = { network: conf.name, node: session.identity.node, now: world.now() };
  const suspects = suspectsAmong(holders, here, (id, holder) => identityOf(session, id, holder));
  if (suspects.length === 0) return [];
  for (const suspect of attachment.goneAmong(suspects).slice(0, MOST_ASKED)) {
    const released = (await isGone(session, suspect)) ? await release(taking, suspect) : [];
    if (released.length > 0) return released;
  }
  return [];
}

function identityOf(
  { conf, args, world, identity }: Session,
  containerID: string,
  { namespace, pod }: AddressHolder,
): Identity {
  const itsArgs = { ...args, k8sPodNamespace: namespace, k8sPodName: pod };
  const cmd = { containerID, ifName: 'eth0' };
  const its = identify(conf, cmd, itsArgs, identity.node, podVethName(world.env, itsArgs));
  // Of early versions, and named for the pod: its new container may have it.
  return { ...its, legacyHandleID: '' };
}

/** Whether the container is gone. What cannot be found out counts as no. */
async function isGone(session: Session, suspect: Suspect): Promise<boolean> {
  try {
    return await findOut(session, suspect);
  } catch (error) {
    const reason = toFailure(error, 'looking for the owner of an address').message;
    session.log.debug('Cannot tell whether a container is gone', { container: suspect.containerID, reason });
    return false;
  }
}

async function findOut(session: Session, suspect: Suspect): Promise<boolean> {
  const { conf, identity, datastore } = session;
  if (suspect.holder.pod !== '') {
    const { namespace, pod } = suspect.holder;
    return isOwnPods(suspect, identity) || isPodGone(suspect, await findPodOwner(session, namespace, pod));
  }
  if (suspect.assignedAt < (bootTime() ?? 0n)) return true;
  return datastore === 'etcdv3' && transact(session, () => isAnotherNetworks(suspect, conf.name));
}

/** As a DEL would, in the container's turn: then none of its calls is under way, and the kernel has the last word. */
function release({ session, attachment }: Taking, suspect: Suspect): Promise<readonly string[]> {
  const { identity, containerID, holder } = suspect;
  const call = { ...session, cmd: { ...session.cmd, containerID } };
  return inContainerTurn(call, 'ADD', async () => {
    if (attachment.goneAmong([suspect]).length === 0) return [];
    const released = await releaseEndpoint({ ...session, identity });
    const pod = holder.pod === '' ? {} : { pod: `${holder.namespace}/${holder.pod}` };
    session.log.info('Took over the addresses of a container that is gone', {
      ...pod,
      container: containerID,
      addresses: released.join(','),
    });
    return released;
  });
}
