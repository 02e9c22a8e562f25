import { CLUSTER_INFORMATION_KEY } from '../shared/calico/keys.ts';
import type { Result } from '../shared/cni/result.ts';
import type { Call } from '../shared/cni/skel.ts';
import { transact } from '../shared/etcd/transaction.ts';
import { one } from '../shared/etcd/view.ts';
import { assignRequest, networkOf } from './asked.ts';
import { assign, firstReads } from './assign.ts';
import { drainJournal } from './del.ts';
import { namespaceLabels } from './namespace.ts';
import { openSession } from './session.ts';

/** CNI ADD of `calico-ipam`: addresses with their block's prefix length and one route each, as the original. */
export async function add(call: Call): Promise<Result> {
  const session = openSession(call);
  const { store, world } = session;
  try {
    await drainJournal(session, call.cmd.containerID);
    const labels = await namespaceLabels(session, session.args);
    const request = assignRequest({ ...session, namespaceLabels: labels, now: world.now() });
    await store.enter();
    const { addresses } = await transact(session, [one(CLUSTER_INFORMATION_KEY), ...firstReads(request)], () =>
      assign(request),
    );
    session.log.info('Assigned addresses', {
      addresses: addresses.map(({ address }) => address).join(','),
      handle: session.handleID,
    });
    const networks = addresses.map(networkOf(request));
    return { interfaces: [], ips: networks.map((address) => ({ address })), routes: networks.map((dst) => ({ dst })) };
  } finally {
    store.close();
  }
}
