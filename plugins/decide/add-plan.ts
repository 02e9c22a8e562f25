import { assign, firstReads } from '../../ipam/allocate/assign.ts';
import { networkOf } from '../../ipam/allocate/assign-request.ts';
import type { Assignment, AssignRequest } from '../../ipam/allocate/request.ts';
import { ask } from '../../ipam/block/ask.ts';
import { requiredLabels } from '../../ipam/config/node-labels.ts';
import { stringifyJson } from '../../shared/calico/json.ts';
import { labelFaults } from '../../shared/calico/labels.ts';
import type { WorkloadEndpoint } from '../../shared/calico/model.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { get, type Query } from '../../shared/datastore/query.ts';
import { endpointRef, handleRef, profileRef, type Ref, textOf } from '../../shared/datastore/ref.ts';
import type { Change, Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { type Failure, failure } from '../../shared/error/failure.ts';
import { withContext } from '../../shared/error/to-failure.ts';
import { natsTo } from '../kubernetes/annotated-endpoint.ts';
import type { Birth } from './birth.ts';
import { requireReady } from './cluster.ts';
import { type EndpointContent, networkProfile, workloadEndpoint } from './endpoint.ts';
import { endpointReads, isSameContainer } from './existing-endpoint.ts';
import { findEndpoint, type StoredEndpoint } from './find-endpoint.ts';
import { endpointElsewhere } from './held-elsewhere.ts';
import type { Identity } from './identity.ts';
import { refuseForeignVeth } from './veth-owner.ts';

/** All that an ADD's decision rests on besides what the datastore holds. */
export interface AddRequest {
  readonly identity: Identity;
  readonly content: EndpointContent;
  readonly birth: Birth;
  /** The profile that policy-less networks share, made when missing; undefined when policy.type manages profiles. */
  readonly profile: string | undefined;
  /** What to ask of Calico's IPAM; undefined when another plugin gave `content.addresses`. */
  readonly ipam: AssignRequest | undefined;
  /** The pod names its addresses: IPAM gives just these, the result tells no routes, and errors say so (as Calico). */
  readonly ownAddresses: boolean;
  /** Addresses that shall lead to the pod. */
  readonly floatingIPs: readonly string[];
  /** A link with our host name stands already: it must not be another workload's. */
  readonly hostVethTaken: boolean;
  /** Another program has made the interface: identity.hostVeth and content.mac are its word, also on a container that is added again. */
  readonly isNamedByDataplane?: boolean;
  /** The handle that `content.addresses` were taken under: it must still be there when the endpoint comes. */
  readonly reservedUnder?: string | undefined;
}

/** An ADD decided: the endpoint as it stands then, and how its addresses were come by. */
export interface AddAnswer {
  readonly endpoint: WorkloadEndpoint;
  readonly isNew: boolean;
  /** Address with its block's prefix length, or /32 and /128 for a fixed one; none for an endpoint that was there. */
  readonly routes: readonly string[];
}

/** IPAM's lookup keys; undefined when another plugin gives the addresses. */
interface FirstReads {
  readonly ipam: { readonly node: string; readonly handleID: string } | undefined;
}

/** The profile that a network's endpoints share where policy.type leaves them without others. */
export const sharedProfile = ({ policy, name }: Pick<NetConf, 'policy' | 'name'>): string | undefined =>
  policy.type === '' ? name : undefined;

/** What the decision reads first, in one go. */
export function addReads({
  identity,
  profile,
  ipam,
}: Pick<AddRequest, 'identity' | 'profile'> & FirstReads): readonly Query[] {
  return [
    ...endpointReads(identity),
    ...(profile === undefined ? [] : [get(profileRef(profile))]),
    ...(ipam === undefined ? [] : firstReads(ipam)),
  ];
}

/** Decides an ADD: the endpoint of this very container again, or a new one with addresses, in one set of changes. */
export function* addPlan(request: AddRequest): Plan<Outcome<AddAnswer>> {
  const view = yield addReads(request);
  requireReady(view);
  const found = findEndpoint(view, request.identity);
  if (found !== undefined && isSameContainer(found, request.identity)) {
    requireNode(view, request);
    return confirmed(view, request, found);
  }
  if (request.hostVethTaken) yield* refuseForeignVeth(request.identity);
  return yield* created(view, request, found);
}

/** What a container has already does not do without the Node that a first ADD needs, either. */
function requireNode(view: View, { ipam }: AddRequest): void {
  if (ipam !== undefined && ipam.fixed.length === 0) requiredLabels(view, ipam.node);
}

/** A repeated ADD keeps address and MAC; a second network only adds its profile (as the original). */
function confirmed(view: View, request: AddRequest, found: StoredEndpoint): Outcome<AddAnswer> {
  const { endpoint, ref } = found;
  const profiles = endpoint.spec.profiles ?? [];
  const added =
    request.profile !== undefined && !profiles.includes(request.profile) ? [...profiles, request.profile] : undefined;
  const changed = { ...(added === undefined ? {} : { profiles: added }), ...attachment(request, endpoint) };
  const same = Object.keys(changed).length === 0;
  const kept = same ? endpoint : { ...endpoint, spec: { ...endpoint.spec, ...changed } };
  const changes = [...(same ? [] : [{ ref, next: stringifyJson(kept) }]), ...profileChanges(view, request)];
  return { changes, answer: { endpoint: kept, isNew: false, routes: [] } };
}

/** What another program has made of the interface meanwhile. */
function attachment(
  { isNamedByDataplane, identity, content }: AddRequest,
  { spec }: WorkloadEndpoint,
): Partial<typeof spec> {
  const { hostVeth: interfaceName } = identity;
  const { mac } = content;
  if (!isNamedByDataplane || (spec.interfaceName === interfaceName && (spec.mac ?? '') === mac)) return {};
  return { interfaceName, mac };
}

function* created(view: View, request: AddRequest, replaced: StoredEndpoint | undefined): Plan<Outcome<AddAnswer>> {
  const ipam = request.ipam === undefined ? undefined : yield* assignFor(request, request.ipam);
  const assigned = ipam?.answer.addresses ?? [];
  const addresses = ipam === undefined ? request.content.addresses : assigned.map(({ address }) => address);
  if (addresses.length === 0) throw noAddresses(request.identity, 'no address family is asked for');
  const held = yield* requireStillReserved(view, request);
  const ipNATs = natsTo(addresses, request.floatingIPs);
  const fresh = workloadEndpoint(request.identity, { ...request.content, addresses, ipNATs }, request.birth);
  const endpoint = replaced === undefined ? fresh : renewed(replaced.endpoint, fresh);
  const ref = replaced?.ref ?? endpointRef(request.identity.namespace, request.identity.endpointName);
  const changes = [...(ipam?.changes ?? []), { ref, next: stringifyJson(endpoint) }, ...profileChanges(view, request)];
  const routes = request.ipam === undefined || request.ownAddresses ? [] : assigned.map(networkOf(request.ipam));
  const { guards = [], remarks = [] } = ipam ?? {};
  return { changes, guards: [...guards, ...held], remarks, answer: { endpoint, isNew: true, routes } };
}

/** What an ADD without any address fails with, in the original's words for each mode. */
export function noAddresses({ orchestrator }: Identity, details: string): Failure {
  const what = orchestrator === 'k8s' ? 'missing IP config' : 'no IP addresses in result';
  return failure(`IPAM plugin returned ${what}`, details);
}

/** The handle that the commit is to compare; an ADD whose addresses another call has released meanwhile must not use them. */
function* requireStillReserved(view: View, { reservedUnder }: AddRequest): Plan<readonly Ref[]> {
  if (reservedUnder === undefined) return [];
  const ref = handleRef(reservedUnder);
  yield* ask(view, [ref]);
  if (view.get(ref) !== undefined) return [ref];
  throw failure('the addresses were released again by another call for this container', textOf(ref));
}

/** Addresses by Calico's IPAM, in the words that whoever names them himself gets. */
export function* assignFor({ ownAddresses, identity }: AddRequest, ipam: AssignRequest): Plan<Outcome<Assignment>> {
  try {
    const outcome = yield* assign(ipam);
    yield* refuseElsewhere(yield [], identity);
    return outcome;
  } catch (thrown) {
    if (!ownAddresses) throw thrown;
    throw withContext('error getting IP from IPAM', thrown);
  }
}

/** One container has one endpoint: its addresses are not given to a second one under another name of this node. */
function* refuseElsewhere(view: View, identity: Identity): Plan<void> {
  const elsewhere = yield* endpointElsewhere(view, identity);
  if (elsewhere === undefined) return;
  const { node = '', ipNetworks = [] } = elsewhere.endpoint.spec;
  throw failure(
    `container ${identity.containerID} is networked already, on node ${node}`,
    `${elsewhere.at} has ${ipNetworks.join(', ')}: DEL it with nodename ${node}, or set nodename to that`,
  );
}

/** A new sandbox of a pod: the endpoint stays the same object (uid, creation, name, endpoint), its content is the new one's. */
function renewed(old: WorkloadEndpoint, fresh: WorkloadEndpoint): WorkloadEndpoint {
  const { name, uid, creationTimestamp } = old.metadata;
  return {
    ...old,
    metadata: { ...fresh.metadata, name, ...(uid ? { uid } : {}), ...(creationTimestamp ? { creationTimestamp } : {}) },
    spec: { ...fresh.spec, ...(old.spec.endpoint ? { endpoint: old.spec.endpoint } : {}) },
  };
}

function profileChanges(view: View, request: AddRequest): readonly Change[] {
  const { profile, identity, birth } = request;
  if (profile === undefined || view.get(profileRef(profile)) !== undefined) return [];
  // The profile labels endpoints with the network's name.
  if (labelFaults({ [profile]: '' }).length > 0) {
    throw failure(
      `error with field LabelsToApply = 'map[${profile}:]' (Reason: failed to validate Field: LabelsToApply because of Tag: labels )`,
      'the name of the network becomes a label: at most 63 characters, letters and digits at both ends',
    );
  }
  const next = stringifyJson(networkProfile(profile, identity.orchestrator === 'k8s', birth));
  return [{ ref: profileRef(profile), next }];
}
