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

/** The endpoint that an ADD has stored, known by what no other call for the container has. */
export interface CreatedEndpoint {
  readonly uid: string;
  /** For an endpoint that keeps an earlier sandbox's uid; '' when it was asked for, and another call may have the same. */
  readonly mac: string;
}

/** Limits a release to one of a container's starts; without them everything goes. */
export interface ReleaseLimits {
  /** An ADD undoes itself: where another call's endpoint stands by now, all is that one's. */
  readonly created?: CreatedEndpoint | undefined;
  /** A release that had to wait since then, nanoseconds since 1970: what is younger is a later start's. */
  readonly before?: bigint | undefined;
}

/** What a DEL takes out of the datastore; `ipam` is undefined when another plugin holds the addresses. */
export interface DelRequest extends ReleaseLimits {
  readonly identity: Identity;
  readonly ipam: ReleaseRequest | undefined;
  /** On the Kubernetes datastore, where a pod is there before its ADD and after its DEL. */
  readonly endpointsArePods?: boolean | undefined;
}

/** What the decision reads first, in one go. */
export function delReads({ identity, ipam }: DelRequest): readonly Query[] {
  return [...endpointReads(identity), ...(ipam === undefined ? [] : releaseReads(ipam))];
}

/** Decides a DEL: addresses, handle and endpoint of this container in one set of changes; a pod's newer sandbox keeps its own. */
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
  // Another endpoint's addresses stay with that one.
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

/** A pod that names no container is ours only as far as it shows an address that is released now. */
const isTakenBack = ({ endpoint: { spec } }: StoredEndpoint, released: readonly string[]): boolean =>
  (spec.containerID ?? '') !== '' ||
  (spec.ipNetworks ?? []).some((text) => released.includes(text.split('/')[0] ?? ''));

/** A DEL decided. */
export interface DelAnswer extends Released {
  /** Addresses of the container's handle stay: the endpoint stored here, of another node's name, has them. */
  readonly keptFor?: string;
}

const NOTHING: Released = { released: [], more: false };

/** Endpoints say in whole seconds when they were made; a pod's later sandbox keeps the time of the first. */
const isMadeAfter = ({ endpoint }: StoredEndpoint, before: bigint): boolean =>
  BigInt(Date.parse(endpoint.metadata.creationTimestamp ?? '') || 0) * 1_000_000n > before;

function isAnothers({ metadata, spec }: WorkloadEndpoint, created: CreatedEndpoint | undefined): boolean {
  if (created === undefined || metadata?.uid === created.uid) return false;
  return created.mac === '' || spec?.mac !== created.mac;
}
