import type { Result } from '../shared/cni/result.ts';
import type { Call } from '../shared/cni/skel.ts';
import { transact } from '../shared/etcd/transaction.ts';
import type { View } from '../shared/etcd/view.ts';
import { type Rollback, rollback } from '../shared/rollback.ts';
import { addPlan, addReads, endpointReads, existingEndpoint } from './add-plan.ts';
import { addRequest, vethRequest } from './add-request.ts';
import { askDelegate, type Delegated, releaseThroughDelegate } from './delegated-ipam.ts';
import { findEndpoint } from './find-endpoint.ts';
import { requireNames } from './identity.ts';
import { drainJournal, releaseOrRecord } from './journalled.ts';
import { configurePair, createPair, removeHostLink, repairPair } from './kernel.ts';
import { isOwnNetns, type Netns, openNetns, ownNetnsRefused } from './netns.ts';
import { effectiveMtu, requireKnownDevice } from './preconditions.ts';
import { awaitReadiness } from './readiness.ts';
import { addResult, endpointAddresses } from './result.ts';
import { openSession, type Session } from './session.ts';
import { requireShapeable } from './shaping-plan.ts';
import type { VethRequest } from './veth-plan.ts';

/** CNI ADD: addresses, a veth pair that carries them, and the endpoint that tells Calico of both; or nothing at all. */
export async function add(call: Call): Promise<Result> {
  const { conf, cmd } = call;
  requireKnownDevice(conf);
  requireShapeable(conf.runtimeConfig.bandwidth);
  const mtu = effectiveMtu(conf);
  if (!cmd.netnsOverride && isOwnNetns(cmd.netns)) throw ownNetnsRefused();
  const session = openSession(call);
  requireNames(session.identity, conf.policy.type === '' ? [conf.name] : []);
  const netns = openNetns(cmd.netns);
  const undo = rollback(session.log);
  try {
    await awaitReadiness(conf.readinessGates, session.log);
    await drainJournal(session);
    return await network({ session, call, netns, undo }, vethRequest(session, mtu));
  } catch (error) {
    await undo.run();
    throw error;
  } finally {
    netns.close();
    session.store.close();
  }
}

/** One ADD under way. */
interface Adding {
  readonly session: Session;
  readonly call: Call;
  readonly netns: Netns;
  readonly undo: Rollback;
}

async function network(adding: Adding, veth: VethRequest): Promise<Result> {
  const { session, call, undo } = adding;
  const delegated = await fromDelegate(adding);
  const request = addRequest(session, veth.mac, delegated?.addresses);
  let prepared = false;
  const prepare = (view: View): void => {
    // A link of our name that stands already is replaced only after the decision has seen whose it is.
    if (request.hostVethTaken || findEndpoint(view, request.identity) !== undefined) return;
    // The commit may be under way already: should anything fail from here on, it has to be taken back.
    undo.add('release what etcd holds', () => releaseOrRecord(session));
    makePair(adding, veth);
    prepared = true;
  };
  const answer = await transact({ ...session, meanwhile: prepare }, addReads(request), () => addPlan(request));
  if (answer.isNew && !prepared) undo.add('release what etcd holds', () => releaseOrRecord(session));
  const { endpoint } = answer;
  const pair = { ...veth, mac: endpoint.spec.mac ?? veth.mac, addresses: endpointAddresses(endpoint) };
  finish(adding, pair, answer.isNew, prepared);
  session.log.info('Networked the container', {
    addresses: (endpoint.spec.ipNetworks ?? []).join(','),
    isNew: answer.isNew,
  });
  return addResult(call.cmd, pair, answer, delegated);
}

/** Undone first, before the addresses are: nobody may get one that is still routed here. */
function makePair({ netns, undo }: Adding, veth: VethRequest): void {
  createPair(veth, netns);
  undo.add('remove the interface pair', () => removeHostLink(veth.hostName));
}

/** The kernel work that needs the addresses. */
function finish(adding: Adding, pair: VethRequest, isNew: boolean, prepared: boolean): void {
  const { session, netns } = adding;
  if (!isNew) {
    repairPair(pair, netns, session.log);
    return;
  }
  if (!prepared) {
    removeHostLink(pair.hostName);
    makePair(adding, pair);
  }
  configurePair(pair, netns, session.log);
}

/** Addresses from another IPAM plugin, when one is configured and this container has no endpoint yet. */
async function fromDelegate(adding: Adding): Promise<Delegated | undefined> {
  const { session, call, undo } = adding;
  if (session.conf.ipam.type === 'calico-ipam') return undefined;
  const existing = await transact(session, endpointReads(session.identity), () => existingEndpoint(session.identity));
  if (existing !== undefined) return { addresses: [], result: undefined };
  const delegated = askDelegate(session, call);
  undo.add('release through the IPAM plugin', () => releaseThroughDelegate(call));
  return delegated;
}
