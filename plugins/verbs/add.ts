import { leadToAddresses, withMachine } from '../../ipam/call/with-machine.ts';
import { drainBefore } from '../../ipam/journal/drain-in-call.ts';
import { rollback } from '../../shared/call/rollback.ts';
import type { Result } from '../../shared/cni/result.ts';
import type { Call, WriteAnswer } from '../../shared/cni/skel.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { type Adding, takeBack } from '../call/adding.ts';
import { askingBack } from '../call/ask-back.ts';
import { type ContainerTurn, inContainerTurn } from '../call/container-turn.ts';
import { dataplaneOf } from '../call/dataplane-of.ts';
import { fromDelegate } from '../call/delegated-ipam.ts';
import { freePredecessor } from '../call/free-predecessor.ts';
import { gatherKubernetes } from '../call/gather-kubernetes.ts';
import { draining } from '../call/journal.ts';
import { effectiveMtu } from '../call/mtu.ts';
import { requireNotOvertaken, requireStanding } from '../call/overtaken.ts';
import { isOwnNetns, ownNetnsRefused } from '../call/own-netns.ts';
import { requireKnownFeatures, requireKnownValues } from '../call/preconditions.ts';
import { awaitReadiness } from '../call/readiness.ts';
import { type Gathered, type Requested, requestFor } from '../call/request.ts';
import { openSession, type Session } from '../call/session.ts';
import type { Dataplane } from '../dataplane/dataplane.ts';
import type { PairRequest } from '../dataplane/pair-request.ts';
import { type AddAnswer, addPlan, sharedProfile } from '../decide/add-decision.ts';
import { ownLabels } from '../decide/add-request.ts';
import { findEndpoint } from '../decide/find-endpoint.ts';
import { requireNames } from '../decide/identity.ts';
import { addResult, endpointAddresses } from '../decide/result.ts';
import { macFrom, requestedMac, wantedPair } from '../decide/wanted-pair.ts';
import { awaitPolicy, requireDelay } from '../kubernetes/policy-wait.ts';

/** CNI ADD: assigns addresses, makes the interface and stores its WorkloadEndpoint. A failed ADD undoes everything. */
export const add = (call: Call, answer: WriteAnswer): Promise<void> =>
  inContainerTurn(call, 'ADD', (turn) => addInTurn(call, answer, turn));

async function addInTurn(call: Call, answer: WriteAnswer, turn: ContainerTurn): Promise<void> {
  const valid = await validate(call);
  const opened = await open(call, valid);
  try {
    await begin(opened.session, turn);
    const adding = { ...opened, session: await forMachine(opened.session) };
    const gathered = await gather(adding);
    const requested = await requestFor(gathered);
    const added = await commit(gathered, requested);
    const addresses = endpointAddresses(added.endpoint).map(({ address }) => address);
    await leadToAddresses(adding.session, addresses);
    const pair = await attach(gathered, requested, added);
    await requireStanding(gathered.session, turn);
    answer(resultOf(gathered, requested, added, pair));
  } catch (error) {
    await takeBack(opened.undo);
    throw error;
  } finally {
    opened.attachment.close();
    opened.session.store.close();
  }
}

/** Only Calico's own IPAM keeps addresses for virtual machines. */
const forMachine = async (session: Session): Promise<Session> =>
  session.conf.ipam.type === 'calico-ipam' ? withMachine(session) : session;

interface Valid {
  readonly dataplane: Dataplane;
  readonly mtu: number;
}

/** Refuses unsupported values and missing programs before anything is opened. */
async function validate({ conf, cmd }: Call): Promise<Valid> {
  requireKnownValues(conf);
  const dataplane = await dataplaneOf(conf);
  dataplane.requirePrograms(conf);
  requireDelay(conf);
  const mtu = effectiveMtu(conf);
  if (isOwnNetns(cmd)) throw ownNetnsRefused();
  return { dataplane, mtu };
}

/** Opens session and namespace, and refuses names that cannot be stored. Connects to nothing yet. */
async function open(call: Call, { dataplane, mtu }: Valid): Promise<Adding> {
  const session = await openSession(call);
  const { conf, identity, world, log } = session;
  requireKnownFeatures(conf, identity);
  requireNames(identity, knownProfiles(session), ownLabels(session));
  const wanted = wantedPair(session, { mac: requestedMac(session) || macFrom(world.random(6)), mtu });
  const undo = { interface: rollback(log), addresses: rollback(log) };
  const place = { world, log, conf, undo: undo.interface };
  return { session, wanted, attachment: dataplane.open(wanted, call.cmd.netns, place), undo };
}

/** The profiles whose names are known before Kubernetes is read. */
function knownProfiles({ conf, identity }: Session): readonly string[] {
  const shared = sharedProfile(conf);
  if (shared !== undefined) return [shared];
  return identity.orchestrator === 'k8s' ? [`kns.${identity.namespace}`] : [];
}

/** Connects, waits for the readiness gates and drains the journal. */
async function begin(session: Session, turn: ContainerTurn): Promise<void> {
  await session.store.begin(session.deadline);
  await awaitReadiness(session.conf.readinessGates, session.log);
  await drainBefore(draining(session), session.identity.containerID);
  requireNotOvertaken(turn);
}

/** Reads from Kubernetes and calls a delegated IPAM plugin. */
async function gather(adding: Adding): Promise<Gathered> {
  const fromKubernetes = await gatherKubernetes(adding.session, adding.attachment);
  const { session, pod } = fromKubernetes;
  const delegated = await fromDelegate(session, adding.undo.addresses);
  await freePredecessor(session, pod);
  return { ...adding, ...fromKubernetes, delegated };
}

/** Decides and commits. The interface is prepared while waiting for the datastore. */
function commit(gathered: Gathered, requested: Requested): Promise<AddAnswer> {
  const { session, attachment } = gathered;
  const { identity, content } = requested.request;
  const prepare = (view: View): void => {
    if (findEndpoint(view, identity) === undefined) attachment.prepare(content.mac);
  };
  return askingBack(gathered, requested.request, async (request) => {
    if (request.ipam !== undefined) await session.store.enter();
    return transact({ ...session, meanwhile: prepare }, () => decide({ ...requested, request }));
  });
}

/** Decides. For a new endpoint, registers the release of what will be committed in case this ADD fails. */
function* decide({ request, releaseOnFailure }: Requested): Plan<Outcome<AddAnswer>> {
  const outcome = yield* addPlan(request);
  if (outcome.answer.isNew) releaseOnFailure();
  return outcome;
}

/** Finishes the interface with its addresses, then waits until the pod's policies are in place. */
async function attach(gathered: Gathered, { request }: Requested, added: AddAnswer): Promise<PairRequest> {
  const { session, wanted, attachment } = gathered;
  const { endpoint, isNew } = added;
  const pair = {
    ...wanted,
    hostName: request.identity.hostVeth,
    // A pod's endpoint has no MAC on the Kubernetes datastore: its interface keeps the one it has.
    mac: endpoint.spec.mac ?? (isNew ? undefined : attachment.mac()) ?? request.content.mac,
    addresses: endpointAddresses(endpoint),
    // A migrating machine still receives its traffic on the other node: Felix adds the route when it has arrived.
    hostRoutes: wanted.hostRoutes && !session.machine?.isTarget,
  };
  attachment.attach(pair, isNew);
  await awaitPolicy(session);
  session.log.info('Networked the container', { addresses: (endpoint.spec.ipNetworks ?? []).join(','), isNew });
  return pair;
}

function resultOf(
  { session, delegated }: Gathered,
  { reserved }: Requested,
  added: AddAnswer,
  pair: PairRequest,
): Result {
  const routes = reserved?.routes ?? added.routes;
  return addResult(session.cmd, pair, { ...added, routes }, delegated);
}
