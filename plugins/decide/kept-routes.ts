import { networkOf } from '../../ipam/allocate/assign-request.ts';
import type { WorkloadEndpoint } from '../../shared/calico/model.ts';
import { parseAddress } from '../../shared/net/address.ts';
import { type Cidr, contains } from '../../shared/net/cidr.ts';
import type { AddRequest } from './add-decision.ts';
import { endpointAddresses } from './result.ts';

/** What a repeated ADD keeps: the endpoint, and the blocks of its addresses, as far as known. */
interface Kept {
  readonly endpoint: WorkloadEndpoint;
  readonly blocks: readonly Cidr[];
}

/**
 * The routes in the result of a repeated ADD. A pod's are those of its first ADD (as Calico, which assigns again); other
 * containers have none (as Calico), nor do addresses that a pod requests or another IPAM plugin assigns.
 */
export function keptRoutes(request: AddRequest, { endpoint, blocks }: Kept): readonly string[] {
  const { ipam, identity, ownAddresses } = request;
  if (identity.orchestrator !== 'k8s' || ipam === undefined || ownAddresses || ipam.machine?.isTarget) return [];
  return endpointAddresses(endpoint).flatMap(({ family, address }) => {
    const parsed = parseAddress(address);
    const block = blocks.find((cidr) => parsed !== undefined && contains(cidr, parsed));
    return block === undefined ? [] : [networkOf(ipam)({ family, address, block: block.text, pool: '' })];
  });
}
