import { heldBy } from '../../ipam/allocate/address-held.ts';
import type { AddRequest } from '../decide/add-decision.ts';
import type { Gathered } from './request.ts';

/** Most containers whose addresses one ADD takes over. */
const MOST = 8;

/**
 * Decides until no address that the ADD wants is held by a container that is gone: those are released, and it decides again. Then the
 * pod prefers what its earlier container had. `decide` decides and commits.
 */
export async function askingBack<T>(
  gathered: Gathered,
  request: AddRequest,
  decide: (request: AddRequest) => Promise<T>,
): Promise<T> {
  let current = askingFor(request);
  for (let left = MOST; ; left--) {
    try {
      return await decide(current);
    } catch (thrown) {
      const holders = heldBy(thrown);
      if (holders.length === 0 || left === 0) throw thrown;
      const { takeOver } = await import('./take-over.ts');
      const released = await takeOver(gathered, holders);
      if (released.length === 0 && current.ipam?.group?.asksBack !== true) throw thrown;
      current = withLast(request, released);
    }
  }
}

/** Only a pod has a name that an earlier container can have had. */
function askingFor(request: AddRequest): AddRequest {
  const { ipam, identity } = request;
  if (ipam?.group === undefined || identity.orchestrator !== 'k8s') return request;
  return { ...request, ipam: { ...ipam, group: { ...ipam.group, asksBack: true } } };
}

function withLast(request: AddRequest, last: readonly string[]): AddRequest {
  const { ipam } = request;
  return ipam?.group === undefined ? request : { ...request, ipam: { ...ipam, group: { ...ipam.group, last } } };
}
