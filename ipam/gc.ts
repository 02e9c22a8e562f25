import { CniError, ErrorCode, failure, toCniError } from '../shared/cni/error.ts';
import type { NetConf } from '../shared/cni/netconf.ts';
import type { Call } from '../shared/cni/skel.ts';
import { transact } from '../shared/etcd/transaction.ts';
import { handleOf } from './asked.ts';
import { release } from './del.ts';
import { openSession } from './session.ts';
import { containersHolding, staleReads } from './stale.ts';

/** CNI GC of `calico-ipam`: addresses that this node holds for containers of this network which the runtime no longer lists. */
export async function gc(call: Call): Promise<void> {
  const valid = validContainers(call.conf);
  const session = openSession(call);
  try {
    const request = { node: session.node, network: call.conf.name };
    const holding = await transact(session, staleReads(request), () => containersHolding(request));
    await each(
      holding.filter((id) => !valid.has(id)),
      (id) => release(session, [handleOf(request.network, id)]),
    );
  } finally {
    session.store.close();
  }
}

/** Containers that are to keep what they have; a GC without the list would take everything away, so it is refused. */
export function validContainers(conf: NetConf): ReadonlySet<string> {
  if (conf.validAttachments !== undefined) return new Set(conf.validAttachments.map(({ containerID }) => containerID));
  throw new CniError(ErrorCode.invalidNetworkConfig, 'GC needs cni.dev/valid-attachments in the network configuration');
}

/** Does each piece of work, goes on past failures, and tells them together at the end (spec 1.1.0, GC). */
export async function each(ids: readonly string[], work: (id: string) => Promise<void>): Promise<void> {
  const failures: string[] = [];
  for (const id of ids) {
    try {
      await work(id);
    } catch (error) {
      failures.push(`${id}: ${toCniError(error).message}`);
    }
  }
  if (failures.length > 0) {
    throw failure(`cannot remove ${failures.length} of ${ids.length} stale containers`, failures.join('; '));
  }
}
