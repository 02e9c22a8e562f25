import { networkOf } from '../../ipam/allocate/assign-request.ts';
import type { Assignment, AssignRequest } from '../../ipam/allocate/request.ts';
import type { WorkloadEndpoint } from '../../shared/calico/model.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../shared/datastore/view.ts';
import type { Reserved } from '../dataplane/attachment.ts';
import { hostCidr } from '../dataplane/pair-request.ts';
import { type AddRequest, assignFor, noAddresses } from '../decide/add-plan.ts';
import { workloadEndpoint } from '../decide/endpoint.ts';
import { existingEndpoint } from '../decide/existing-endpoint.ts';
import { type Delegated, endpointAddresses } from '../decide/result.ts';
import type { Session } from './session.ts';

/** What to reserve addresses for, and what to do before the datastore may hold some. */
export interface Reservation {
  readonly request: AddRequest;
  readonly delegated: Delegated | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  readonly beforeCommit: () => void;
}

/** Go's word for no address, which the original sends. */
const NO_GATEWAY = '<nil>';

/** What the container has already; else addresses that are its own from now on, whoever chose them. */
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
  if (networks.length === 0) throw noAddresses(identity, 'no address family is asked for');
  const addresses = networks.map((network) => network.split('/')[0] ?? '');
  const endpoint = workloadEndpoint(identity, { ...content, addresses }, birth);
  const given = delegated?.result?.ips ?? (request.ipam === undefined ? asStored(endpoint) : networks.map(asIp));
  return {
    endpoint,
    ips: given.map(({ address, gateway = NO_GATEWAY }) => ({ address, gateway })),
    routes: request.ipam === undefined || request.ownAddresses ? [] : networks,
    annotations,
    isOld: false,
  };
}

const asIp = (address: string): { address: string; gateway?: string } => ({ address });
const asStored = (endpoint: WorkloadEndpoint) => endpointAddresses(endpoint).map((each) => asIp(hostCidr(each)));

/** Addresses that are not Calico's IPAM's to give: the endpoint is all that the datastore will hold. */
function alreadyGiven({ request, beforeCommit }: Reservation): readonly string[] {
  beforeCommit();
  return request.content.addresses;
}

/** Takes addresses of Calico's IPAM: each with the prefix length the original tells it with. */
async function assignNow(session: Session, ipam: AssignRequest, reservation: Reservation): Promise<readonly string[]> {
  const { request, beforeCommit } = reservation;
  const { addresses } = await transact(session, function* (): Plan<Outcome<Assignment>> {
    const outcome = yield* assignFor(request, ipam);
    beforeCommit();
    return outcome;
  });
  return addresses.map(networkOf(ipam));
}
