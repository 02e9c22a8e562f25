import { transact } from '../shared/etcd/transaction.ts';
import { type DelRequest, delPlan, delReads } from './del-plan.ts';
import type { Session } from './session.ts';

/** Takes this container's addresses, handle and endpoint out of etcd. What is not there is success. */
export async function releaseEndpoint(session: Session): Promise<void> {
  const { identity, conf, world } = session;
  const ipam = {
    handleIDs: [identity.handleID, identity.legacyHandleID],
    node: identity.node,
    now: world.now(),
  };
  const request: DelRequest = { identity, ipam: conf.ipam.type === 'calico-ipam' ? ipam : undefined };
  for (let more = true; more; ) {
    const answer = await transact(session, delReads(request), () => delPlan(request));
    session.log.info('Released the endpoint', { addresses: answer.released.join(',') });
    more = answer.more;
  }
}
