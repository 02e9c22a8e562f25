import { networkOf } from '../ipam/asked.ts';
import { assign, firstReads } from '../ipam/assign.ts';
import type { AssignRequest } from '../ipam/request.ts';
import { stringifyJson } from '../shared/calico/json.ts';
import { CLUSTER_INFORMATION_KEY, endpointKey, endpointsPrefix, profileKey } from '../shared/calico/keys.ts';
import type { WorkloadEndpoint } from '../shared/calico/model.ts';
import { type Outcome, one, type Plan, type Read, under, type View, type Write } from '../shared/etcd/view.ts';
import { requireReady } from './cluster.ts';
import { type Birth, type EndpointContent, networkProfile, workloadEndpoint } from './endpoint.ts';
import { findEndpoint, type StoredEndpoint } from './find-endpoint.ts';
import type { Identity } from './identity.ts';
import { refuseForeignVeth } from './veth-owner.ts';

/** All that an ADD's decision rests on besides what etcd holds. */
export interface AddRequest {
  readonly identity: Identity;
  readonly content: EndpointContent;
  readonly birth: Birth;
  /** The profile that policy-less networks share, made when missing; undefined when policy.type manages profiles. */
  readonly profile: string | undefined;
  /** What to ask of Calico's IPAM; undefined when another plugin gave `content.addresses`. */
  readonly ipam: AssignRequest | undefined;
  /** A link with our host name stands already: it must be nobody else's. */
  readonly hostVethTaken: boolean;
}

/** An ADD decided: the endpoint as it stands then, and how its addresses were come by. */
export interface AddAnswer {
  readonly endpoint: WorkloadEndpoint;
  readonly isNew: boolean;
  /** Address with its block's prefix length, or /32 and /128 for a fixed one; none for an endpoint that was there. */
  readonly routes: readonly string[];
}

/** What tells whether the datastore is ready and which endpoint a workload has. */
export function endpointReads(identity: Identity): readonly Read[] {
  return [one(CLUSTER_INFORMATION_KEY), under(endpointsPrefix(identity.namespace, identity.endpointPrefix))];
}

/** Looks up the endpoint of this very container and changes nothing. */
export function* existingEndpoint(identity: Identity): Plan<Outcome<StoredEndpoint | undefined>> {
  const view = yield endpointReads(identity);
  requireReady(view);
  const found = findEndpoint(view, identity);
  return { writes: [], answer: found !== undefined && isSameContainer(found, identity) ? found : undefined };
}

/** What the decision reads first, in one go. */
export function addReads(request: AddRequest): readonly Read[] {
  const { identity, profile, ipam } = request;
  return [
    ...endpointReads(identity),
    ...(profile === undefined ? [] : [one(profileKey(profile))]),
    ...(ipam === undefined ? [] : firstReads(ipam)),
  ];
}

/** Decides an ADD: the endpoint of this very container again, or a new one with addresses, in one set of writes. */
export function* addPlan(request: AddRequest): Plan<Outcome<AddAnswer>> {
  const view = yield addReads(request);
  requireReady(view);
  const found = findEndpoint(view, request.identity);
  if (found !== undefined && isSameContainer(found, request.identity)) return confirmed(view, request, found);
  if (request.hostVethTaken) yield* refuseForeignVeth(request.identity);
  return yield* created(view, request, found);
}

/** Whether the endpoint found belongs to the container that asks: in Kubernetes mode a new sandbox takes the pod's over. */
function isSameContainer(found: StoredEndpoint, identity: Identity): boolean {
  return found.endpoint.spec.containerID === identity.containerID;
}

/** A repeated ADD keeps address and MAC; a second network only adds its profile (as the original). */
function confirmed(view: View, request: AddRequest, found: StoredEndpoint): Outcome<AddAnswer> {
  const { endpoint, key } = found;
  const profiles = endpoint.spec.profiles ?? [];
  const added =
    request.profile !== undefined && !profiles.includes(request.profile) ? [...profiles, request.profile] : undefined;
  const kept = added === undefined ? endpoint : { ...endpoint, spec: { ...endpoint.spec, profiles: added } };
  const writes = [
    ...(added === undefined ? [] : [{ key, value: stringifyJson(kept) }]),
    ...profileWrites(view, request),
  ];
  return { writes, answer: { endpoint: kept, isNew: false, routes: [] } };
}

function* created(view: View, request: AddRequest, replaced: StoredEndpoint | undefined): Plan<Outcome<AddAnswer>> {
  const ipam = request.ipam === undefined ? undefined : yield* assign(request.ipam);
  const assigned = ipam?.answer.addresses ?? [];
  const addresses = ipam === undefined ? request.content.addresses : assigned.map(({ address }) => address);
  const fresh = workloadEndpoint(request.identity, { ...request.content, addresses }, request.birth);
  const endpoint = replaced === undefined ? fresh : renewed(replaced.endpoint, fresh);
  const key = replaced?.key ?? endpointKey(request.identity.namespace, request.identity.endpointName);
  const writes = [...(ipam?.writes ?? []), { key, value: stringifyJson(endpoint) }, ...profileWrites(view, request)];
  const routes = request.ipam === undefined ? [] : assigned.map(networkOf(request.ipam));
  return { writes, guards: ipam?.guards ?? [], answer: { endpoint, isNew: true, routes } };
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

function profileWrites(view: View, request: AddRequest): readonly Write[] {
  const { profile, identity, birth } = request;
  if (profile === undefined || view.get(profileKey(profile)) !== undefined) return [];
  const value = stringifyJson(networkProfile(profile, identity.orchestrator === 'k8s', birth));
  return [{ key: profileKey(profile), value }];
}
