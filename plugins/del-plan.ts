import { type Released, type ReleaseRequest, releaseHandles, releaseReads } from '../ipam/release.ts';
import type { Outcome, Plan, Read } from '../shared/etcd/view.ts';
import { requireReady } from './cluster.ts';
import { endpointReads } from './existing-endpoint.ts';
import { findEndpoints } from './find-endpoint.ts';
import type { Identity } from './identity.ts';

/** What a DEL takes out of etcd; `ipam` is undefined when another plugin holds the addresses. */
export interface DelRequest {
  readonly identity: Identity;
  readonly ipam: ReleaseRequest | undefined;
}

/** What the decision reads first, in one go. */
export function delReads({ identity, ipam }: DelRequest): readonly Read[] {
  return [...endpointReads(identity), ...(ipam === undefined ? [] : releaseReads(ipam))];
}

/** Decides a DEL: addresses, handle and endpoint of this container in one set of writes; a pod's newer sandbox keeps its own. */
export function* delPlan(request: DelRequest): Plan<Outcome<Released>> {
  const view = yield delReads(request);
  requireReady(view);
  const ours = findEndpoints(view, request.identity).filter(({ endpoint }) => {
    const holder = endpoint.spec?.containerID ?? '';
    return holder === '' || holder === request.identity.containerID;
  });
  const release = request.ipam === undefined ? undefined : yield* releaseHandles(request.ipam);
  const writes = [...(release?.writes ?? []), ...ours.map(({ key }) => ({ key, value: undefined }))];
  return { writes, guards: release?.guards ?? [], answer: release?.answer ?? { released: [], more: false } };
}
