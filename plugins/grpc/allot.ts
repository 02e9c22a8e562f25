import { networkOf } from '../../ipam/allocate/asked.ts';
import { firstReads } from '../../ipam/allocate/assign.ts';
import type { WorkloadEndpoint } from '../../shared/calico/model.ts';
import { transact } from '../../shared/datastore/transaction.ts';
import type { Acquired } from '../call/acquired.ts';
import type { Delegated } from '../call/delegated-ipam.ts';
import { releaseOrRecord } from '../call/journalled.ts';
import { type AddRequest, assignFor, noAddresses } from '../decide/add-plan.ts';
import { workloadEndpoint } from '../decide/endpoint.ts';
import { endpointReads, existingEndpoint } from '../decide/existing-endpoint.ts';
import { endpointAddresses } from '../decide/result.ts';
import { hostCidr } from '../linux/veth-plan.ts';
import type { ContainerIp } from './messages.ts';

/** What a container is to have before a dataplane makes its interface. */
export interface Allotted {
  /** As it will be stored, but for what the dataplane names. */
  readonly endpoint: WorkloadEndpoint;
  /** As IPAM gave them, with the prefix length it gave. */
  readonly ips: readonly ContainerIp[];
  /** For the result. */
  readonly routes: readonly string[];
  /** The container had its endpoint already: nothing of it is to be undone. */
  readonly isOld: boolean;
}

/** Go's word for no address, which the original sends. */
const NO_GATEWAY = '<nil>';

/** What the container has already; else addresses that are its own from now on, whoever chose them. */
export async function allot(
  adding: Acquired,
  request: AddRequest,
  delegated: Delegated | undefined,
): Promise<Allotted> {
  const { identity, content, birth } = request;
  const found = await transact(adding.session, endpointReads(identity), () => existingEndpoint(identity));
  if (found !== undefined) {
    const ips = endpointAddresses(found.endpoint).map((each) => ({ address: hostCidr(each), gateway: NO_GATEWAY }));
    return { endpoint: found.endpoint, ips, routes: [], isOld: true };
  }
  const networks = request.ipam === undefined ? alreadyGiven(adding, request) : await assignNow(adding, request);
  if (networks.length === 0) throw noAddresses(identity, 'no address family is asked for');
  const addresses = networks.map((network) => network.split('/')[0] ?? '');
  const endpoint = workloadEndpoint(identity, { ...content, addresses }, birth);
  const given = delegated?.result?.ips ?? (request.ipam === undefined ? asStored(endpoint) : networks.map(asIp));
  return {
    endpoint,
    ips: given.map(({ address, gateway = NO_GATEWAY }) => ({ address, gateway })),
    routes: request.ipam === undefined || request.ownAddresses ? [] : networks,
    isOld: false,
  };
}

const asIp = (address: string): { address: string; gateway?: string } => ({ address });
const asStored = (endpoint: WorkloadEndpoint) => endpointAddresses(endpoint).map((each) => asIp(hostCidr(each)));

/** Addresses that are not Calico's IPAM's to give: the endpoint is all that etcd will hold. */
function alreadyGiven(adding: Acquired, request: AddRequest): readonly string[] {
  holdReleasable(adding, request);
  return request.content.addresses;
}

/** Takes addresses of Calico's IPAM: each with the prefix length the original tells it with. */
async function assignNow(adding: Acquired, request: AddRequest): Promise<readonly string[]> {
  const { ipam } = request;
  if (ipam === undefined) return [];
  // From the commit on etcd may hold something, whatever becomes of its answer.
  const meanwhile = () => holdReleasable(adding, request);
  const { addresses } = await transact({ ...adding.session, meanwhile }, firstReads(ipam), () =>
    assignFor(request, ipam),
  );
  return addresses.map(networkOf(ipam));
}

function holdReleasable({ session, undo }: Acquired, { birth }: AddRequest): void {
  undo.add('release what etcd holds', async () => void (await releaseOrRecord(session, { uid: birth.uid, mac: '' })));
}
