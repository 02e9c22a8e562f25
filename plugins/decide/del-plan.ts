import { type Released, type ReleaseRequest, releaseHandles, releaseReads } from '../../ipam/release/release.ts';
import { endpointKey } from '../../shared/calico/keys.ts';
import type { WorkloadEndpoint } from '../../shared/calico/model.ts';
import type { Outcome, Plan, Read } from '../../shared/datastore/view.ts';
import { requireReady } from './cluster.ts';
import { endpointReads } from './existing-endpoint.ts';
import { findEndpoints, type StoredEndpoint } from './find-endpoint.ts';
import { endpointElsewhere } from './held-elsewhere.ts';
import type { Identity } from './identity.ts';

/** What an ADD has stored, known again by what no other call for the container has. */
export interface Made {
  readonly uid: string;
  /** For an endpoint that keeps an earlier sandbox's uid; '' when it was asked for, and another call may have the same. */
  readonly mac: string;
}

/** Which of a container's starts is meant; all that there is when neither is said. */
export interface Meant {
  /** An ADD undoes itself: where another call's endpoint stands by now, all is that one's. */
  readonly made?: Made | undefined;
  /** A release that had to wait since then, nanoseconds since 1970: what is younger is a later start's. */
  readonly before?: bigint | undefined;
}

/** What a DEL takes out of etcd; `ipam` is undefined when another plugin holds the addresses. */
export interface DelRequest extends Meant {
  readonly identity: Identity;
  readonly ipam: ReleaseRequest | undefined;
}

/** What the decision reads first, in one go. */
export function delReads({ identity, ipam }: DelRequest): readonly Read[] {
  return [...endpointReads(identity), ...(ipam === undefined ? [] : releaseReads(ipam))];
}

/** Decides a DEL: addresses, handle and endpoint of this container in one set of writes; a pod's newer sandbox keeps its own. */
export function* delPlan(request: DelRequest): Plan<Outcome<Taken>> {
  const view = yield delReads(request);
  requireReady(view);
  const { identity, made, before } = request;
  const all = findEndpoints(view, identity);
  const ours = all.filter(({ endpoint }) => {
    const holder = endpoint.spec?.containerID ?? '';
    return holder === '' || holder === identity.containerID;
  });
  if (ours.some(({ endpoint }) => isAnothers(endpoint, made))) return { writes: [], answer: NOTHING };
  if (before !== undefined && ours.some((each) => isMadeAfter(each, before))) return { writes: [], answer: NOTHING };
  const elsewhere = request.ipam === undefined ? undefined : yield* endpointElsewhere(view, identity);
  // Another endpoint's addresses stay with that one.
  const isReleased = request.ipam !== undefined && elsewhere === undefined;
  const release = isReleased ? yield* releaseHandles(request.ipam) : undefined;
  if (release?.answer.isYounger) return { writes: [], answer: NOTHING };
  const writes = [...(release?.writes ?? []), ...ours.map(({ key }) => ({ key, value: undefined }))];
  const own = endpointKey(identity.namespace, identity.endpointName);
  const places = made === undefined ? [] : [...new Set([own, ...all.map(({ key }) => key)])];
  const guards = [...(release?.guards ?? []), ...places.filter((key) => view.knows(key))];
  return { writes, guards, answer: { ...(release?.answer ?? NOTHING), ...(elsewhere && { keptFor: elsewhere.key }) } };
}

/** What a DEL comes to. */
export interface Taken extends Released {
  /** Addresses of the container's handle stay: the endpoint at this key, of another node's name, has them. */
  readonly keptFor?: string;
}

const NOTHING: Released = { released: [], more: false };

/** Endpoints say in whole seconds when they were made; a pod's later sandbox keeps the time of the first. */
const isMadeAfter = ({ endpoint }: StoredEndpoint, before: bigint): boolean =>
  BigInt(Date.parse(endpoint.metadata.creationTimestamp ?? '') || 0) * 1_000_000n > before;

function isAnothers({ metadata, spec }: WorkloadEndpoint, made: Made | undefined): boolean {
  if (made === undefined || metadata?.uid === made.uid) return false;
  return made.mac === '' || spec?.mac !== made.mac;
}
