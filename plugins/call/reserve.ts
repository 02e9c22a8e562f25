import { networkOf } from '../../ipam/allocate/assign-request.ts';
import type { Assignment, AssignRequest } from '../../ipam/allocate/request.ts';
import type { WorkloadEndpoint } from '../../shared/calico/model.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import type { Reserved } from '../dataplane/attachment.ts';
import { hostCidr } from '../dataplane/pair-request.ts';
import { type AddRequest, assignFor, isRouted } from '../decide/add-decision.ts';
import { workloadEndpoint } from '../decide/endpoint.ts';
import { existingEndpoint } from '../decide/existing-endpoint.ts';
import { noAddresses } from '../decide/no-addresses.ts';
import { type Delegated, endpointAddresses } from '../decide/result.ts';
import type { Session } from './session.ts';

/** What to reserve addresses for. `beforeCommit` runs before the datastore may hold any. */
export interface Reservation {
  readonly request: AddRequest;
  readonly delegated: Delegated | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  readonly beforeCommit: () => void;
}

/** How Go prints an empty address; Calico sends it. */
const NO_GATEWAY = '<nil>';

/** Returns the container's existing endpoint and addresses, or reserves addresses: its own, the delegate's or from IPAM. */
export async function reserve(session: Session, reservation: Reservation): Promise<Reserved> {
  const { request, delegated, annotations } = reservation;
  const { identity, content, birth } = request;
  const found = await transact(session, () => existingEndpoint(identity));
  if (found !== undefined) {
    const ips = endpointAddresses(found.endpoint).map((each) => ({ address: hostCidr(each), gateway: NO_GATEWAY }));
    return { endpoint: found.endpoint, ips, routes: [], annotations, isOld: true };
  }
  const networks =
    request.ipam === undefined ? alreadyGiven(reservation) : await assignNow(session, request.ipam, reservation);
  if (networks.length === 0) throw noAddresses(identity, 'no address family is requested');
  const addresses = networks.map((network) => network.split('/')[0] ?? '');
  const endpoint = workloadEndpoint(identity, { ...content, addresses }, birth);
  const given = delegated?.result?.ips ?? (request.ipam === undefined ? asStored(endpoint) : networks.map(asIp));
  return {
    endpoint,
    ips: given.map(({ address, gateway = NO_GATEWAY }) => ({ address, gateway })),
    routes: isRouted(request) ? networks : [],
    annotations,
    isOld: false,
  };
}

const asIp = (address: string): { address: string; gateway?: string } => ({ address });
const asStored = (endpoint: WorkloadEndpoint) => endpointAddresses(endpoint).map((each) => asIp(hostCidr(each)));

/** Addresses that do not come from Calico's IPAM: the datastore will hold only the endpoint. */
function alreadyGiven({ request, beforeCommit }: Reservation): readonly string[] {
  beforeCommit();
  return request.content.addresses;
}

/** Assigns addresses from Calico's IPAM, each with the prefix length that Calico returns. */
async function assignNow(session: Session, ipam: AssignRequest, reservation: Reservation): Promise<readonly string[]> {
  const { request, beforeCommit } = reservation;
  const { addresses } = await transact(session, function* (): Plan<Outcome<Assignment>> {
    const outcome = yield* assignFor(request, ipam);
    beforeCommit();
    return outcome;
  });
  return addresses.map(networkOf(ipam));
}
