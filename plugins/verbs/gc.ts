import { countReclaimed } from '../../ipam/call/count-reclaimed.ts';
import { drainWherePossible } from '../../ipam/journal/drain-in-call.ts';
import { containersHolding, type Holders } from '../../ipam/release/stale.ts';
import { cleanUp, type Piece, piecesLeft, validContainers } from '../../ipam/verbs/gc.ts';
import { delegate } from '../../shared/cni/delegate.ts';
import type { Call } from '../../shared/cni/skel.ts';
import { endpointsOf } from '../../shared/datastore/query.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import { podVethName } from '../../shared/kubernetes/veth-name.ts';
import { dataplaneOf } from '../call/dataplane-of.ts';
import { draining } from '../call/journal.ts';
import { removeOrphanedLinks } from '../call/orphaned-links.ts';
import { removalOf } from '../call/ownership.ts';
import { releaseEndpoint } from '../call/release-endpoint.ts';
import { openSession, type Session } from '../call/session.ts';
import { partsOf, stored } from '../decide/find-endpoint.ts';
import { type Identity, identify } from '../decide/identity.ts';
import { type PodsKnown, podsOnNode } from '../decide/stale-pods.ts';
import { withoutPodCidrs } from '../kubernetes/host-local.ts';

/**
 * CNI GC: removes this node's addresses, handles, endpoints and host interfaces of containers of this network that the runtime
 * no longer lists, and what killed ADDs left. Continues after failures and reports them together.
 */
export async function gc(call: Call): Promise<void> {
  const valid = validContainers(call.conf);
  const session = await openSession(call);
  try {
    await drainWherePossible(draining(session));
    const holders = await containersKnown(session, call.conf.name, valid);
    const { containers, unread } = holders;
    const pods = await podsKnown(session, call, holders);
    const stale = containers.filter((id) => !valid.has(id));
    const identityOf = (id: string) => pods.known.get(id) ?? containerIdentity(session, call, id);
    const reclaimed: string[] = [];
    const take = (addresses: readonly string[]) => void reclaimed.push(...addresses);
    const pieces = stale.map((id) => ({ name: id, run: () => remove(session, identityOf(id), take) }));
    const orphans = { name: 'interfaces without an endpoint', run: () => removeOrphanedLinks(session) };
    const left = piecesLeft(session, { node: session.identity.node, network: call.conf.name, kept: valid });
    try {
      await cleanUp([...pieces, ...left, orphans, ...piecesOfDelegate(call)], [...unread, ...pods.unread]);
    } finally {
      await countReclaimed(session, reclaimed);
    }
  } finally {
    session.store.close();
  }
}

/** This node's pods by container ID. Where endpoints are pods, their addresses' attributes name them. */
async function podsKnown(session: Session, call: Call, { pods }: Holders): Promise<PodsKnown> {
  const { identity, args, world, datastore } = session;
  if (datastore === 'etcdv3') return transact(session, () => podsOnNode(identity.node, call.conf.name));
  const known = [...pods].map(([containerID, { namespace, pod }]) => {
    const itsArgs = { ...args, k8sPodNamespace: namespace, k8sPodName: pod };
    const veth = podVethName(world.env, itsArgs);
    return [containerID, identify(call.conf, { containerID, ifName: 'eth0' }, itsArgs, identity.node, veth)] as const;
  });
  return { known: new Map(known), unread: [] };
}

/** Another IPAM plugin's GC runs last, when the routes to its addresses are gone. */
function piecesOfDelegate(call: Call): readonly Piece[] {
  const { type } = call.conf.ipam;
  const run = async () => delegate('GC', type, withoutPodCidrs(call));
  return type === 'calico-ipam' ? [] : [{ name: `IPAM plugin ${type}`, run }];
}

async function containersKnown(session: Session, network: string, kept: ReadonlySet<string>): Promise<Holders> {
  const { node } = session.identity;
  const request = { node, network, kept };
  const own = session.conf.ipam.type === 'calico-ipam';
  const none: Holders = { containers: [], pods: new Map(), unread: [] };
  const holding = own ? await transact(session, () => containersHolding(request)) : none;
  const networked = await transact(session, () => containersNetworked(session.identity, network));
  return {
    containers: [...new Set([...holding.containers, ...networked.containers])],
    pods: holding.pods,
    unread: [...holding.unread, ...networked.unread],
  };
}

/** Containers with an endpoint on this node whose first network is this one. Unreadable endpoints are skipped and reported. */
function* containersNetworked(
  { namespace, node }: Pick<Identity, 'namespace' | 'node'>,
  network: string,
): Plan<Outcome<Omit<Holders, 'pods'>>> {
  const endpoints = endpointsOf(namespace, `${node.replaceAll('-', '--')}-cni-`);
  const view = yield [endpoints];
  const containers: string[] = [];
  const unread: string[] = [];
  for (const entry of view.list(endpoints)) {
    const name = partsOf(entry.ref);
    if (name?.node !== node || name.orchestrator !== 'cni') continue;
    try {
      if (stored(entry).endpoint.spec.profiles?.[0] === network) containers.push(name.workload);
    } catch (error) {
      unread.push(toFailure(error, 'serving GC').message);
    }
  }
  return { changes: [], answer: { containers, unread } };
}

/** The identity of a container that no pod's endpoint names. */
function containerIdentity(session: Session, call: Call, containerID: string): Identity {
  return identify(call.conf, { containerID, ifName: 'eth0' }, session.args, session.identity.node, '');
}

/** Like DEL without a netns: the interface is removed before its addresses are released. */
async function remove(
  session: Session,
  identity: Identity,
  reclaimed: (addresses: readonly string[]) => void,
): Promise<void> {
  const own = { ...session, identity };
  const dataplane = await dataplaneOf(session.conf);
  const failure = await dataplane.removeStale(removalOf(own, ''));
  reclaimed(await releaseEndpoint(own));
  if (failure !== undefined) throw failure;
}
