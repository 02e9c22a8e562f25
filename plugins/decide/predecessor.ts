import { handleOf } from '../../ipam/block/handle-id.ts';
import { type AddressesReleased, releaseAddresses } from '../../ipam/release/release-address.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import { requireReady } from './cluster.ts';
import { endpointReads } from './existing-endpoint.ts';
import { findEndpoint } from './find-endpoint.ts';
import type { Identity } from './identity.ts';

const NOTHING: AddressesReleased = { released: [], unallocated: [], conflicts: [] };

/**
 * Decides how to release the addresses of this pod's earlier sandbox: a pod that requests specific addresses needs the same ones
 * again (as Calico). Addresses that another handle or this container holds are left alone.
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
