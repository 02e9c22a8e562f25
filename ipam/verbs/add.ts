import { addingOnce, rollback } from '../../shared/call/rollback.ts';
import type { Call, WriteAnswer } from '../../shared/cni/skel.ts';
import { get, type Query } from '../../shared/datastore/query.ts';
import { readAheadOfTurn } from '../../shared/datastore/read-ahead.ts';
import { CLUSTER_INFORMATION } from '../../shared/datastore/ref.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { assign, firstReads } from '../allocate/assign.ts';
import { assignRequest, networkOf } from '../allocate/assign-request.ts';
import type { Assignment, AssignRequest } from '../allocate/request.ts';
import { namespaceLabels } from '../call/namespace.ts';
import { openSession, type Session } from '../call/session.ts';
import { leadToAddresses, withMachine } from '../call/with-machine.ts';
import { drainBefore } from '../journal/drain-in-call.ts';
import { draining, takeBack } from './del.ts';

/** CNI ADD of `calico-ipam`: returns addresses with their block's prefix length and a route each (as Calico). */
export async function add(call: Call, answer: WriteAnswer): Promise<void> {
  const opened = await openSession(call);
  const undo = rollback(opened.log);
  try {
    await drainBefore(draining(opened), call.cmd.containerID);
    const session = await withMachine(opened, { podMustExist: true });
    const release = () => takeBack(session, call.cmd.containerID);
    const networks = await assignAddresses(session, addingOnce(undo, 'release the addresses', release));
    const ips = networks.map((address) => ({ address }));
    const routes = session.machine?.isTarget ? [] : networks.map((dst) => ({ dst }));
    answer({ interfaces: [], ips, routes });
  } catch (error) {
    await undo.run();
    throw error;
  } finally {
    opened.store.close();
  }
}

/** `releaseOnFailure` is called when the container held no address before. */
async function assignAddresses(session: Session, releaseOnFailure: () => void): Promise<readonly string[]> {
  const { store, world } = session;
  const labels = await namespaceLabels(session, session.args);
  const request = assignRequest({ ...session, namespaceLabels: labels, now: world.now() });
  const ahead = readAheadOfTurn(store, reads(request), session.deadline);
  await store.enter();
  // Where a commit may be made in part, its undo must exist before it.
  const beforeCommit = store.isTransactional === false ? releaseOnFailure : undefined;
  const { addresses, isNew } = await transact({ ...session, store: ahead }, () =>
    assignNamingCluster(request, beforeCommit),
  );
  if (isNew) releaseOnFailure();
  await leadToAddresses(
    session,
    addresses.map(({ address }) => address),
  );
  session.log.info('Assigned addresses', {
    addresses: addresses.map(({ address }) => address).join(','),
    handle: session.machine?.handleID ?? session.handleID,
  });
  return addresses.map(networkOf(request));
}

/** The cluster's ID is read as well, for the next DEL that cannot reach the datastore. */
const reads = (request: AssignRequest): readonly Query[] => [get(CLUSTER_INFORMATION), ...firstReads(request)];

function* assignNamingCluster(request: AssignRequest, beforeCommit?: () => void): Plan<Outcome<Assignment>> {
  yield reads(request);
  const outcome = yield* assign(request);
  if (outcome.answer.isNew) beforeCommit?.();
  return outcome;
}
