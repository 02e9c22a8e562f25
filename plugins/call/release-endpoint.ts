import { leaveMachine } from '../../ipam/call/with-machine.ts';
import { inTurnFromBlocksOn } from '../../shared/datastore/in-turn.ts';
import type { Query } from '../../shared/datastore/query.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import { type DelRequest, delPlan, delReads, type ReleaseLimits } from '../decide/del-decision.ts';
import type { Session } from './session.ts';

/**
 * Removes this container's addresses, handle and endpoint from the datastore, within `limits`. Missing ones are success. The pod of a
 * virtual machine leaves that as well. Resolves to the addresses.
 */
export async function releaseEndpoint(session: Session, limits: ReleaseLimits = {}): Promise<readonly string[]> {
  const request = requestOf(session, limits);
  const released: string[] = [];
  for (let more = true; more; ) {
    const answer = await inTurnFromBlocksOn(session.store, (store) =>
      transact({ ...session, store }, () => delPlan(request)),
    );
    session.log.info('Released the endpoint', { addresses: answer.released.join(',') });
    if (answer.keptFor !== undefined) session.log.warn(KEPT, { endpoint: answer.keptFor });
    released.push(...answer.released);
    more = answer.more;
  }
  const { identity, conf } = session;
  if (conf.ipam.type !== 'calico-ipam') return released;
  // The identity may be that of a journal entry, for another pod than the call's.
  const args = { k8sPodNamespace: identity.namespace, k8sPodName: identity.pod };
  await leaveMachine({ ...session, args }, identity.containerID, limits.before);
  return released;
}

/** What releaseEndpoint reads first. */
export const firstReads = (session: Session): readonly Query[] => delReads(requestOf(session, {}));

function requestOf({ identity, conf, world, store, datastore }: Session, limits: ReleaseLimits): DelRequest {
  const ipam = {
    handleIDs: [identity.handleID, identity.legacyHandleID],
    node: identity.node,
    now: world.now(),
    before: limits.before,
    readOwnBlocks: store.isTransactional === false,
  };
  return {
    identity,
    ipam: conf.ipam.type === 'calico-ipam' ? ipam : undefined,
    endpointsArePods: datastore === 'kubernetes',
    ...limits,
  };
}

const KEPT =
  "Kept the addresses: another node's endpoint has them. DEL with that nodename or calicoctl delete node releases them";
