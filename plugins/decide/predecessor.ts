import { handleOf } from '../../ipam/block/handle-id.ts';
import { type AddressesReleased, releaseAddresses } from '../../ipam/release/release-address.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { requireReady } from './cluster.ts';
import { endpointReads } from './existing-endpoint.ts';
import { findEndpoint } from './find-endpoint.ts';
import type { Identity } from './identity.ts';

const NOTHING: AddressesReleased = { released: [], unallocated: [], conflicts: [] };

/**
 * Decides how to free what an earlier sandbox of this pod holds, as a pod that names its addresses asks for the very same again
 * (as Calico). What another holds by now, or this very container, is left alone.
 */
export function* releasePredecessor(
  identity: Identity,
  network: string,
  now: bigint,
): Plan<Outcome<AddressesReleased>> {
  const view = yield endpointReads(identity);
  requireReady(view);
  const spec = findEndpoint(view, identity)?.endpoint.spec;
  const holder = spec?.containerID ?? '';
  if (spec === undefined || holder === '' || holder === identity.containerID) return { changes: [], answer: NOTHING };
  const handleID = handleOf(network, holder);
  const addresses = (spec.ipNetworks ?? []).map((text) => ({ address: text.split('/')[0] ?? '', handleID }));
  return addresses.length === 0 ? { changes: [], answer: NOTHING } : yield* releaseAddresses({ addresses, now });
}
