import type { Call } from '../../shared/cni/skel.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { asKind, toFailure } from '../../shared/error/failure-context.ts';
import { assign } from '../allocate/assign.ts';
import { assignRequest } from '../allocate/assign-request.ts';
import type { AssignRequest } from '../allocate/request.ts';
import { openSession, type Session } from '../call/session.ts';

/** How long to wait out a leader election or a dead endpoint: on an error the runtime makes the node NotReady. */
export const STATUS_LIMIT_MS = 3_000;

/**
 * CNI STATUS of `calico-ipam`: code 50 when an ADD could not get an address now. Writes nothing, except the labels that affinities
 * of old releases lack in the Kubernetes API.
 */
export function status(call: Call): Promise<void> {
  return notAvailable(async () => {
    const session = await statusSession(call);
    try {
      const request = assignRequest({ ...session, namespaceLabels: undefined, now: call.world.now() });
      await transact(session, () => couldAssign(request));
    } finally {
      session.store.close();
    }
  });
}

/** STATUS has no container: this handle, which no container has, is used instead. */
async function statusSession(call: Call): Promise<Session> {
  const session = await openSession({ ...call, cmd: { ...call.cmd, containerID: 'status' } });
  return { ...session, deadline: call.world.elapsed() + STATUS_LIMIT_MS };
}

/** Decides an ADD and discards the decision. That a fixed address group is used up is not the node's fault. */
export function* couldAssign(request: AssignRequest): Plan<Outcome<undefined>> {
  yield* assign({ ...request, group: undefined });
  return { changes: [], answer: undefined };
}

/** Any failure of STATUS is code 50: no new containers, existing ones keep working. 51 only when a delegate returns it (spec 1.1.0, STATUS). */
export async function notAvailable(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const failed = toFailure(error, 'serving STATUS');
    throw failed.kind === 'limited connectivity' ? failed : asKind('plugin not available', failed);
  }
}
