import { each, validContainers } from '../ipam/gc.ts';
import { containersHolding, staleReads } from '../ipam/stale.ts';
import { endpointsPrefix } from '../shared/calico/keys.ts';
import { parseEndpointName } from '../shared/calico/names.ts';
import { delegate } from '../shared/cni/delegate.ts';
import type { Call } from '../shared/cni/skel.ts';
import { transact } from '../shared/etcd/transaction.ts';
import { type Outcome, type Plan, under } from '../shared/etcd/view.ts';
import { stored } from './find-endpoint.ts';
import { identify } from './identity.ts';
import { releaseEndpoint } from './release-endpoint.ts';
import { removePair } from './removal.ts';
import { openSession, type Session } from './session.ts';

/**
 * CNI GC: addresses, handles, endpoints and host interfaces that this node holds for containers of this network which the
 * runtime no longer lists. Goes on past errors and tells them together.
 */
export async function gc(call: Call): Promise<void> {
  const valid = validContainers(call.conf);
  const session = openSession(call);
  try {
    const known = await containersKnown(session, call.conf.name);
    await each(
      known.filter((id) => !valid.has(id)),
      (id) => remove(session, call, id),
    );
    if (call.conf.ipam.type !== 'calico-ipam') delegate('GC', call.conf.ipam.type, call);
  } finally {
    session.store.close();
  }
}

async function containersKnown(session: Session, network: string): Promise<readonly string[]> {
  const { node } = session.identity;
  const request = { node, network };
  const own = session.conf.ipam.type === 'calico-ipam';
  const holding = own ? await transact(session, staleReads(request), () => containersHolding(request)) : [];
  const prefix = endpointsPrefix(session.identity.namespace, `${node.replaceAll('-', '--')}-cni-`);
  const networked = await transact(session, [under(prefix)], () => containersNetworked(prefix, node, network));
  return [...new Set([...holding, ...networked])];
}

/** Containers with an endpoint on this node whose first network this is; what does not parse is passed over. */
function* containersNetworked(prefix: string, node: string, network: string): Plan<Outcome<readonly string[]>> {
  const view = yield [under(prefix)];
  const answer = view.list(prefix).flatMap((entry) => {
    const name = parseEndpointName(entry.key.slice(entry.key.lastIndexOf('/') + 1));
    const ours =
      name?.node === node && name.orchestrator === 'cni' && stored(entry).endpoint.spec.profiles?.[0] === network;
    return ours ? [name.workload] : [];
  });
  return { writes: [], answer };
}

/** As a DEL without a netns: the host's end goes before its address may be given out again. */
async function remove(session: Session, call: Call, containerID: string): Promise<void> {
  const cmd = { containerID, ifName: 'eth0' };
  const identity = identify(call.conf, cmd, session.args, session.identity.node);
  await removePair({ netns: undefined, containerName: cmd.ifName, hostName: identity.hostVeth, hostIsOurs: true });
  await releaseEndpoint({ ...session, identity });
}
