import { type Released, type ReleaseRequest, releaseHandles, releaseReads } from '../../ipam/release/release.ts';
import type { WorkloadEndpoint } from '../../shared/calico/model.ts';
import type { Query } from '../../shared/datastore/query.ts';
import { endpointRef } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { requireReady } from './cluster.ts';
import { endpointReads } from './existing-endpoint.ts';
import { findEndpoints, type StoredEndpoint } from './find-endpoint.ts';
import { endpointElsewhere } from './held-elsewhere.ts';
import type { Identity } from './identity.ts';

/** Identifies the endpoint that an ADD stored, by what no other call for the container has. */
export interface CreatedEndpoint {
  readonly uid: string;
  /** For an endpoint that keeps an earlier sandbox's uid; '' when the MAC was requested, as another call may have the same. */
  readonly mac: string;
}

/** Limits a release to one start of a container; without limits everything is released. */
export interface ReleaseLimits {
  /** Set when an ADD undoes itself: if the endpoint is another call's by now, nothing is released. */
  readonly created?: CreatedEndpoint | undefined;
  /** When a journalled release was due, nanoseconds since 1970: anything younger belongs to a later start. */
  readonly before?: bigint | undefined;
}

/** What a DEL removes from the datastore; `ipam` is undefined with another IPAM plugin. */
export interface DelRequest extends ReleaseLimits {
  readonly identity: Identity;
  readonly ipam: ReleaseRequest | undefined;
  /** True on the Kubernetes datastore, where a pod exists before its ADD and after its DEL. */
  readonly endpointsArePods?: boolean | undefined;
}

/** What the decision reads first, in one go. */
export function delReads({ identity, ipam }: DelRequest): readonly Query[] {
  return [...endpointReads(identity), ...(ipam === undefined ? [] : releaseReads(ipam))];
}

/** Decides a DEL: addresses, handle and endpoint of this container in one set of changes. Those of a pod's newer sandbox stay. */
export function* delPlan(request: DelRequest): Plan<Outcome<DelAnswer>> {
  const view = yield delReads(request);
  requireReady(view);
  const { identity, created, before } = request;
  const all = findEndpoints(view, identity);
  const ours = all.filter(({ endpoint }) => {
    const holder = endpoint.spec?.containerID ?? '';
    return holder === '' || holder === identity.containerID;
  });
  if (ours.some(({ endpoint }) => isAnothers(endpoint, created))) return { changes: [], answer: NOTHING };
  if (before !== undefined && ours.some((each) => isMadeAfter(each, before))) return { changes: [], answer: NOTHING };
  const elsewhere = request.ipam === undefined ? undefined : yield* endpointElsewhere(view, identity);
  // Addresses that another endpoint lists are not released.
  const isReleased = request.ipam !== undefined && elsewhere === undefined;
  const release = isReleased ? yield* releaseHandles(request.ipam) : undefined;
  if (release?.answer.isYounger) return { changes: [], answer: NOTHING };
  const gone = ours.filter((each) => !request.endpointsArePods || isTakenBack(each, release?.answer.released ?? []));
  const changes = [...(release?.changes ?? []), ...gone.map(({ ref }) => ({ ref, next: undefined }))];
  const own = endpointRef(identity.namespace, identity.endpointName);
  const places = created === undefined ? [] : [own, ...all.map(({ ref }) => ref)];
  const guards = [...(release?.guards ?? []), ...places.filter((ref) => view.knows(ref))];
  return { changes, guards, answer: { ...(release?.answer ?? NOTHING), ...(elsewhere && { keptFor: elsewhere.at }) } };
}

/** A pod without a container ID counts as ours only if it shows an address that is being released. */
const isTakenBack = ({ endpoint: { spec } }: StoredEndpoint, released: readonly string[]): boolean =>
  (spec.containerID ?? '') !== '' ||
  (spec.ipNetworks ?? []).some((text) => released.includes(text.split('/')[0] ?? ''));

/** The answer of a DEL's decision. */
export interface DelAnswer extends Released {
  /** Where an endpoint with another node's name is stored that has the handle's addresses, which are therefore kept. */
  readonly keptFor?: string;
}

const NOTHING: Released = { released: [], more: false };

/** Creation times are in whole seconds; a pod's later sandbox keeps the first one's. */
const isMadeAfter = ({ endpoint }: StoredEndpoint, before: bigint): boolean =>
  BigInt(Date.parse(endpoint.metadata.creationTimestamp ?? '') || 0) * 1_000_000n > before;

function isAnothers({ metadata, spec }: WorkloadEndpoint, created: CreatedEndpoint | undefined): boolean {
  if (created === undefined || metadata?.uid === created.uid) return false;
  return created.mac === '' || spec?.mac !== created.mac;
}
