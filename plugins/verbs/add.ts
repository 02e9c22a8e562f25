import { rollback } from '../../shared/call/rollback.ts';
import type { Result } from '../../shared/cni/result.ts';
import type { Answer, Call } from '../../shared/cni/skel.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { View } from '../../shared/datastore/view.ts';
import type { Acquired } from '../call/acquired.ts';
import type { ContainerTurn } from '../call/container-turn.ts';
import { fromDelegate } from '../call/delegated-ipam.ts';
import { drainJournal, releaseOrRecord } from '../call/journalled.ts';
import { requireNotOvertaken, requireStanding } from '../call/overtaken.ts';
import {
  effectiveMtu,
  requireKnownDevice,
  requireKnownFeatures,
  requireKnownShaper,
  requirePrograms,
} from '../call/preconditions.ts';
import { awaitReadiness } from '../call/readiness.ts';
import { freePredecessor } from '../call/release-endpoint.ts';
import { openSession, type Session } from '../call/session.ts';
import { addPlan, addReads, sharedProfile } from '../decide/add-plan.ts';
import { addRequest, madeBy, ownLabels, vethRequest } from '../decide/add-request.ts';
import type { Made } from '../decide/del-plan.ts';
import { findEndpoint } from '../decide/find-endpoint.ts';
import { requireNames } from '../decide/identity.ts';
import { addResult, endpointAddresses } from '../decide/result.ts';
import { networkThroughDataplane } from '../grpc/add.ts';
import { type DataplaneOptions, dataplaneOptions } from '../grpc/options.ts';
import { withKubernetes } from '../kubernetes/ask.ts';
import { awaitPolicy, requireDelay } from '../kubernetes/policy-wait.ts';
import { configurePair, createPair, isTaken, linkExists, removeHostLink, repairPair } from '../linux/kernel.ts';
import { isOwnNetns, type Netns, openNetns, ownNetnsRefused } from '../linux/netns.ts';
import { removeOwnPair } from '../linux/own-pair.ts';
import { requireShapeable } from '../linux/shaping-plan.ts';
import type { VethRequest } from '../linux/veth-plan.ts';

/** CNI ADD: addresses, a veth pair that carries them, and the endpoint that tells Calico of both; or nothing at all. */
export async function add(call: Call, answer: Answer, turn: ContainerTurn): Promise<void> {
  const { conf, cmd } = call;
  requireKnownDevice(conf);
  requireKnownShaper(conf);
  requireShapeable(conf.runtimeConfig.bandwidth);
  const dataplane = dataplaneOptions(conf);
  if (dataplane === undefined) requirePrograms(conf);
  requireDelay(conf);
  const mtu = effectiveMtu(conf);
  if (!cmd.netnsOverride && isOwnNetns(cmd.netns)) throw ownNetnsRefused();
  const session = openSession(call);
  requireKnownFeatures(conf, session.identity);
  requireNames(session.identity, profilesKnown(session), ownLabels(session));
  const means: { netns: Netns } | { dataplane: DataplaneOptions } =
    dataplane === undefined ? { netns: openNetns(cmd.netns) } : { dataplane };
  const undo = rollback(session.log);
  try {
    await session.store.begin(session.deadline);
    await awaitReadiness(conf.readinessGates, session.log);
    await drainJournal(session);
    requireNotOvertaken(turn);
    const acquired = { session, call, undo };
    const result =
      'netns' in means
        ? await network({ ...acquired, ...means }, mtu)
        : await networkThroughDataplane(acquired, means.dataplane, mtu);
    await requireStanding(session, turn);
    answer(result);
  } catch (error) {
    await undo.run();
    throw error;
  } finally {
    if ('netns' in means) means.netns.close();
    session.store.close();
  }
}

/** The profiles whose names can be told before Kubernetes is asked. */
function profilesKnown({ conf, identity }: Session): readonly string[] {
  const shared = sharedProfile(conf);
  if (shared !== undefined) return [shared];
  return identity.orchestrator === 'k8s' ? [`kns.${identity.namespace}`] : [];
}

/** One ADD under way. */
interface Adding extends Acquired {
  readonly netns: Netns;
}

async function network(given: Adding, mtu: number): Promise<Result> {
  const base = vethRequest(given.session, mtu);
  // A link of our name that stands already is replaced only after the decision has seen whose it is.
  const free = !linkExists(base.hostName);
  let made: VethRequest | undefined;
  const make = (veth: VethRequest): void => {
    makePair(given, veth);
    made = veth;
  };
  const { session, asked } = await withKubernetes(given.session, () => free && unlessTaken(() => make(base)));
  const adding = { ...given, session, call: { ...given.call, conf: session.conf } };
  const veth = { ...base, mac: asked.pod?.mac ?? base.mac };
  const delegated = await fromDelegate(adding);
  await freePredecessor(session, asked.pod);
  const found = { mac: veth.mac, delegated: delegated?.addresses, hostVethTaken: !free };
  const request = addRequest(session, asked, found);
  let held = false;
  const hold = (pair: VethRequest): void => {
    held = true;
    holdReleasable(adding, pair, madeBy(session, request, asked));
  };
  const prepare = (view: View): void => {
    if (!free || findEndpoint(view, request.identity) !== undefined) return;
    // The commit may be under way already: should anything fail from here on, it has to be taken back.
    hold(made ?? veth);
    if (made === undefined) make(veth);
  };
  if (delegated === undefined) await session.store.enter();
  const answer = await transact({ ...session, meanwhile: prepare }, addReads(request), () => addPlan(request));
  const { endpoint } = answer;
  const pair = { ...veth, mac: endpoint.spec.mac ?? veth.mac, addresses: endpointAddresses(endpoint) };
  if (answer.isNew && !held) hold(made ?? pair);
  finish(adding, pair, answer.isNew, made?.mac === pair.mac);
  await awaitPolicy(session);
  const addresses = (endpoint.spec.ipNetworks ?? []).join(',');
  session.log.info('Networked the container', { addresses, isNew: answer.isNew });
  return addResult(given.call.cmd, pair, answer, delegated);
}

/** A name that is taken may be so by this very container, which only etcd tells. */
function unlessTaken(make: () => void): void {
  try {
    make();
  } catch (error) {
    if (!isTaken(error)) throw error;
  }
}

/** From here on etcd may hold something. It is released only once the pair is gone: nobody may get an address that is still routed here. */
function holdReleasable({ session, netns, undo }: Adding, pair: VethRequest, made: Made): void {
  const removePair = (): void => removeOwnPair(pair, netns);
  undo.add('release what etcd holds', async () => {
    removePair();
    await releaseOrRecord(session, made);
  });
  undo.add('remove the interface pair', removePair);
}

function makePair({ session, netns, undo }: Adding, veth: VethRequest): void {
  createPair(veth, netns, session.log);
  undo.add('remove the interface pair', () => removeOwnPair(veth, netns));
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
