import { transact } from '../../shared/datastore/transaction.ts';
import { releasePredecessor } from '../decide/predecessor.ts';
import type { PodContent } from '../kubernetes/pod-content.ts';
import type { Session } from './session.ts';

/** A pod that requests specific addresses needs those that its earlier sandbox may still hold. */
export async function freePredecessor(session: Session, pod: PodContent | undefined): Promise<void> {
  if (pod === undefined || pod.addresses.fixed.length === 0) return;
  const { identity, conf, world } = session;
  const plan = () => releasePredecessor(identity, conf.name, world.now());
  const { released } = await transact(session, plan);
  if (released.length > 0)
    session.log.info('Released the addresses of an earlier sandbox', { addresses: released.join(',') });
}
