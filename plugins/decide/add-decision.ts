import { assign, firstReads } from '../../ipam/allocate/assign.ts';
import { networkOf } from '../../ipam/allocate/assign-request.ts';
import { COMPLETE, complete } from '../../ipam/allocate/complete.ts';
import { type Assignment, type AssignRequest, namesAddresses } from '../../ipam/allocate/request.ts';
import { ask } from '../../ipam/block/ask.ts';
import { requiredLabels } from '../../ipam/config/node-labels.ts';
import { stringifyJson } from '../../shared/calico/json.ts';
import { labelFaults } from '../../shared/calico/labels.ts';
import type { WorkloadEndpoint } from '../../shared/calico/model.ts';
import type { NetConf } from '../../shared/cni/netconf.ts';
import { get, type Query } from '../../shared/datastore/query.ts';
import { endpointRef, handleRef, profileRef, type Ref, textOf } from '../../shared/datastore/ref.ts';
import type { Change, Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { failure } from '../../shared/error/failure.ts';
import { withContext } from '../../shared/error/failure-context.ts';
import { natsTo } from '../kubernetes/annotated-endpoint.ts';
import type { Birth } from './birth.ts';
import { requireReady } from './cluster.ts';
import { type EndpointContent, networkProfile, workloadEndpoint } from './endpoint.ts';
import { endpointReads, isSameContainer } from './existing-endpoint.ts';
import { findEndpoint, type StoredEndpoint } from './find-endpoint.ts';
import { endpointElsewhere } from './held-elsewhere.ts';
import type { Identity } from './identity.ts';
import { keptRoutes } from './kept-routes.ts';
import { noAddresses } from './no-addresses.ts';
import { refuseForeignVeth } from './veth-owner.ts';

/** The input of an ADD's decision, apart from what the datastore holds. */
export interface AddRequest {
  readonly identity: Identity;
  readonly content: EndpointContent;
  readonly birth: Birth;
  /** The network's shared profile, created when missing; undefined when policy.type manages profiles. */
  readonly profile: string | undefined;
  /** The request to Calico's IPAM; undefined when `content.addresses` come from elsewhere. */
  readonly ipam: AssignRequest | undefined;
  /** The pod requests specific addresses: IPAM assigns exactly these, the result has no routes, errors have a prefix (as Calico). */
  readonly ownAddresses: boolean;
  /** Floating addresses, which are translated to the pod's. */
  readonly floatingIPs: readonly string[];
  /** A link with the host end's name exists: it must not be another workload's. */
  readonly hostVethTaken: boolean;
  /** The dataplane made the interface and chose identity.hostVeth and content.mac; a repeated ADD takes them over too. */
  readonly isNamedByDataplane?: boolean;
  /** The handle under which `content.addresses` were reserved: it must still exist when the endpoint is committed. */
  readonly reservedUnder?: string | undefined;
}

/** The answer of an ADD's decision: the endpoint after the commit, and the routes for the result. */
export interface AddAnswer {
  readonly endpoint: WorkloadEndpoint;
  readonly isNew: boolean;
  /** Each address with its block's prefix length, /32 or /128 for a requested one. */
  readonly routes: readonly string[];
}

/** IPAM's lookup keys; undefined when another plugin gives the addresses. */
interface FirstReads {
  readonly ipam: { readonly node: string; readonly handleID: string } | undefined;
}

/** The profile that a network's endpoints share when policy.type is not set. */
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
    return yield* confirmed(view, request, found);
  }
  if (request.hostVethTaken) yield* refuseForeignVeth(request.identity);
  return yield* created(view, request, found);
}

/** A repeated ADD needs the Node as well, just like the first. */
function requireNode(view: View, { ipam }: AddRequest): void {
  if (ipam !== undefined && !namesAddresses(ipam)) requiredLabels(view, ipam.node);
}

/** A repeated ADD keeps address and MAC; a second network only adds its profile (as Calico). */
function* confirmed(view: View, request: AddRequest, found: StoredEndpoint): Plan<Outcome<AddAnswer>> {
  const { endpoint, ref } = found;
  const profiles = endpoint.spec.profiles ?? [];
  const added =
    request.profile !== undefined && !profiles.includes(request.profile) ? [...profiles, request.profile] : undefined;
  const changed = { ...(added === undefined ? {} : { profiles: added }), ...attachment(request, endpoint) };
  const same = Object.keys(changed).length === 0;
  const kept = same ? endpoint : { ...endpoint, spec: { ...endpoint.spec, ...changed } };
  const { ipam } = request;
  const missing = ipam === undefined ? COMPLETE : yield* complete(view, ipam, endpoint.spec.ipNetworks?.length ?? 0);
  const own = [...(same ? [] : [{ ref, next: stringifyJson(kept) }]), ...profileChanges(view, request)];
  const routes = keptRoutes(request, { endpoint: kept, blocks: missing.blocks });
  const { guards } = missing;
  return { changes: [...missing.changes, ...own], guards, answer: { endpoint: kept, isNew: false, routes } };
}

/** Takes over the names and the MAC that the dataplane chose. */
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
  const ipam = request.ipam === undefined ? undefined : yield* assignFor(request, withLast(request.ipam, replaced));
  const assigned = ipam?.answer.addresses ?? [];
  const addresses = ipam === undefined ? request.content.addresses : assigned.map(({ address }) => address);
  if (addresses.length === 0) throw noAddresses(request.identity, 'no address family is requested');
  const held = yield* requireStillReserved(view, request);
  const ipNATs = natsTo(addresses, request.floatingIPs);
  const fresh = workloadEndpoint(request.identity, { ...request.content, addresses, ipNATs }, request.birth);
  const endpoint = replaced === undefined ? fresh : renewed(replaced.endpoint, fresh);
  const ref = replaced?.ref ?? endpointRef(request.identity.namespace, request.identity.endpointName);
  const changes = [...(ipam?.changes ?? []), { ref, next: stringifyJson(endpoint) }, ...profileChanges(view, request)];
  const routes = isRouted(request) ? assigned.map(networkOf(request.ipam)) : [];
  const { guards = [], remarks = [] } = ipam ?? {};
  return { changes, guards: [...guards, ...held], remarks, answer: { endpoint, isNew: true, routes } };
}

/** A pod's endpoint still names what its earlier container had. */
function withLast(ipam: AssignRequest, replaced: StoredEndpoint | undefined): AssignRequest {
  const networks = replaced?.endpoint.spec.ipNetworks ?? [];
  if (ipam.group === undefined || networks.length === 0) return ipam;
  const last = [...ipam.group.last, ...networks.map((text) => text.split('/')[0] ?? '')];
  return { ...ipam, group: { ...ipam.group, last } };
}

/** Whether the result has routes: not for requested addresses (as Calico), nor while a machine's address works elsewhere. */
export const isRouted = (
  request: Pick<AddRequest, 'ipam' | 'ownAddresses'>,
): request is { readonly ipam: AssignRequest; readonly ownAddresses: boolean } =>
  request.ipam !== undefined && !request.ownAddresses && !request.ipam.machine?.isTarget;

/** The handle to guard in the commit: if another call has released the addresses meanwhile, this ADD must not use them. */
function* requireStillReserved(view: View, { reservedUnder }: AddRequest): Plan<readonly Ref[]> {
  if (reservedUnder === undefined) return [];
  const ref = handleRef(reservedUnder);
  yield* ask(view, [ref]);
  if (view.get(ref) !== undefined) return [ref];
  throw failure('another call for this container released the addresses meanwhile', textOf(ref));
}

/** Assigns addresses from Calico's IPAM. For requested addresses, errors have Calico's prefix. */
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

/** Refuses a second endpoint for the container's addresses, under another name of this node. */
function* refuseElsewhere(view: View, identity: Identity): Plan<void> {
  const elsewhere = yield* endpointElsewhere(view, identity);
  if (elsewhere === undefined) return;
  const { node = '', ipNetworks = [] } = elsewhere.endpoint.spec;
  throw failure(
    `container ${identity.containerID} already has an endpoint on node ${node}`,
    `${elsewhere.at} has ${ipNetworks.join(', ')}: DEL it with nodename ${node}, or set nodename to ${node}`,
  );
}

/** For a pod's new sandbox: the endpoint keeps uid, creation time, name and `endpoint`, and gets the new content. */
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
  // The profile puts the network's name on endpoints as a label.
  if (labelFaults({ [profile]: '' }).length > 0) {
    throw failure(
      `error with field LabelsToApply = 'map[${profile}:]' (Reason: failed to validate Field: LabelsToApply because of Tag: labels )`,
      'the network name becomes a label: at most 63 characters, beginning and ending with a letter or digit',
    );
  }
  const next = stringifyJson(networkProfile(profile, identity.orchestrator === 'k8s', birth));
  return [{ ref: profileRef(profile), next }];
}
