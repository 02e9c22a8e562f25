import { hostCidr, type PodAddress } from '../dataplane/pair-request.ts';
import type { LinkState, NamespaceState } from './pair-state.ts';
import { containerRouteFaults } from './route-check.ts';
import type { VethRequest } from './veth-plan.ts';

/** What differs between the kernel and the requested pair, one sentence each; none when all is there. */
export function missingFromKernel(
  request: VethRequest,
  host: NamespaceState,
  container: NamespaceState,
): readonly string[] {
  const hostLink = host.links.find(({ ifname }) => ifname === request.hostName);
  const podLink = container.links.find(({ ifname }) => ifname === request.containerName);
  if (hostLink === undefined) return [`host interface ${request.hostName} does not exist`];
  if (podLink === undefined) return [`interface ${request.containerName} does not exist in the container`];
  return [
    ...linkFaults(request, hostLink, podLink),
    ...addressFaults(request, podLink),
    ...routeFaults(request, host, container),
  ];
}

/** Whether the pair itself matches the request, so that addresses and routes can be repaired without touching it. */
export function isIntact(request: VethRequest, host: NamespaceState, container: NamespaceState): boolean {
  const hostLink = host.links.find(({ ifname }) => ifname === request.hostName);
  const podLink = container.links.find(({ ifname }) => ifname === request.containerName);
  if (hostLink === undefined || podLink === undefined) return false;
  return arePeers(hostLink, podLink) && podLink.mac === request.mac;
}

/**
 * Whether the interface in the container belongs to something else, and must stay. It is ours when it is an end of the pair,
 * or has our MAC and addresses, whatever became of the host end.
 */
export function isForeign(request: VethRequest, host: NamespaceState, container: NamespaceState): boolean {
  const hostLink = host.links.find(({ ifname }) => ifname === request.hostName);
  const podLink = container.links.find(({ ifname }) => ifname === request.containerName);
  if (podLink === undefined || (hostLink !== undefined && arePeers(hostLink, podLink))) return false;
  return !carriesEndpoint(request, podLink);
}

/** The interfaces in the container that are ours, whatever their names: those with our MAC and addresses. */
export function ownInterfaces(request: VethRequest, container: NamespaceState): readonly string[] {
  return container.links.filter((link) => carriesEndpoint(request, link)).map(({ ifname }) => ifname);
}

function carriesEndpoint(request: VethRequest, link: LinkState): boolean {
  return request.addresses.length > 0 && link.mac === request.mac && addressFaults(request, link).length === 0;
}

/** Whether the two links are the ends of one pair. */
function arePeers(host: LinkState, pod: LinkState): boolean {
  return host.peer === pod.ifindex && pod.peer === host.ifindex;
}

function linkFaults(request: VethRequest, host: LinkState, pod: LinkState): string[] {
  const faults: string[] = [];
  if (!arePeers(host, pod))
    faults.push(`${request.containerName} in the container is not the other end of ${request.hostName}`);
  if (!host.up) faults.push(`host interface ${request.hostName} is down`);
  if (!pod.up) faults.push(`interface ${request.containerName} in the container is down`);
  if (request.mac !== '' && pod.mac !== request.mac) {
    faults.push(`interface ${request.containerName} has MAC ${pod.mac}, not ${request.mac}`);
  }
  if (request.mtu > 0 && pod.mtu !== request.mtu) {
    faults.push(`interface ${request.containerName} has MTU ${pod.mtu}, not ${request.mtu}`);
  }
  return faults;
}

function addressFaults(request: VethRequest, pod: LinkState): string[] {
  return request.addresses
    .filter((address) => !pod.addresses.includes(hostCidr(address)))
    .map((address) => `interface ${request.containerName} lacks address ${hostCidr(address)}`);
}

function routeFaults(request: VethRequest, host: NamespaceState, container: NamespaceState): string[] {
  const unrouted = unroutedOnHost(request, host).map(
    (a) => `host has no route to ${hostCidr(a)} over ${request.hostName}`,
  );
  return [...containerRouteFaults(request, container), ...unrouted];
}

/** The addresses that should be routed to the pair on the host, but are not. */
export function unroutedOnHost(request: VethRequest, host: NamespaceState): readonly PodAddress[] {
  if (!request.hostRoutes) return [];
  return request.addresses.filter((address) => !host.routes.some(({ dst }) => dst === hostCidr(address)));
}
