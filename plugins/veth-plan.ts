import type { Bandwidth } from '../shared/cni/netconf.ts';
import { shapingLinks } from './shaping-plan.ts';

/** The MAC every host end carries (Calico), and the link-local address that follows from it: the pods' IPv6 next hop. */
export const HOST_MAC = 'ee:ee:ee:ee:ee:ee';
const HOST_LINK_LOCAL = 'fe80::ecee:eeff:feee:eeee';
/** The pods' IPv4 next hop: answered by proxy ARP on the host end, on no interface. */
const NEXT_HOP = '169.254.1.1';

/** One endpoint's interface pair and what it carries. */
export interface VethRequest {
  readonly hostName: string;
  readonly containerName: string;
  /** MAC of the container's end. */
  readonly mac: string;
  /** 0: the kernel's default. */
  readonly mtu: number;
  readonly queues: number;
  readonly addresses: readonly PodAddress[];
  /** Destinations routed through the host, each only when an address of its family exists. */
  readonly routes: readonly { readonly family: 4 | 6; readonly dst: string }[];
  readonly allowIpForwarding: boolean;
  /** Whether to route the addresses to the host end. */
  readonly hostRoutes: boolean;
  /** Limits to the pair's traffic. */
  readonly shaping?: Bandwidth;
  /** A netkit is wanted, where the kernel has it. */
  readonly netkit?: boolean;
}

export interface PodAddress {
  readonly family: 4 | 6;
  /** Bare address. */
  readonly address: string;
}

/** A line for `ip -batch -` and what its failure is called, in Calico's words. */
export interface BatchLine {
  readonly line: string;
  readonly failure: string;
}

/** A file under /proc/sys. A soft one may be absent or refuse. */
export interface Sysctl {
  readonly path: string;
  readonly value: string;
  readonly soft?: boolean;
}

export const hasFamily = (request: VethRequest, family: 4 | 6): boolean =>
  request.addresses.some((address) => address.family === family);

/**
 * Host namespace, first: the pair, its far end born in the container's netns under its final name, and our end up: without
 * its peer it carries nothing yet, and the container's end finds a carrier when it goes up. `netns` is a path without blanks.
 */
export function createLines(request: VethRequest, netns: string): readonly BatchLine[] {
  const { hostName, containerName, mac, mtu, queues } = request;
  // No queue in front of a device that hands over at once (the original's netlink library asks for the same).
  const shape = `${mtu > 0 ? `mtu ${mtu} ` : ''}txqueuelen 0 numtxqueues ${queues} numrxqueues ${queues}`;
  const host = `name ${quote(hostName)} address ${HOST_MAC} ${shape}`;
  const peer = `name ${quote(containerName)} address ${mac} ${shape} netns ${netns}`;
  const pair = { line: `link add ${host} type veth peer ${peer}`, failure: '' };
  return [pair, ...upLines(request), ...shapingLines(request)];
}

/** Host namespace: the device that outgoing traffic is shaped on, when it is limited. */
export function shapingLines({ hostName, shaping, mtu }: VethRequest): readonly BatchLine[] {
  const failure = `failed to make the shaping device of ${hostName}`;
  return shapingLinks(hostName, shaping, mtu).map((line) => ({ line, failure }));
}

/** Host namespace: our end up. */
export function upLines({ hostName }: VethRequest): readonly BatchLine[] {
  return [{ line: `link set dev ${quote(hostName)} up`, failure: `failed to set "${hostName}" up` }];
}

/** Host namespace, before the peer is up: the host end gets its link-local address, without DAD, when it has a carrier. */
export function hostSysctls(request: VethRequest): readonly Sysctl[] {
  const name = request.hostName;
  const v4 = [
    { path: `net/ipv4/conf/${name}/route_localnet`, value: '1' },
    { path: `net/ipv4/neigh/${name}/proxy_delay`, value: '0', soft: true },
    { path: `net/ipv4/conf/${name}/proxy_arp`, value: '1' },
    { path: `net/ipv4/conf/${name}/forwarding`, value: '1' },
  ];
  const v6 = [
    // The pods' IPv6 next hop follows from the MAC, whatever the host's default for new links is.
    { path: `net/ipv6/conf/${name}/addr_gen_mode`, value: '0', soft: true },
    { path: `net/ipv6/conf/${name}/accept_dad`, value: '0' },
    { path: `net/ipv6/conf/${name}/disable_ipv6`, value: '0' },
    { path: `net/ipv6/conf/${name}/proxy_ndp`, value: '1' },
    { path: `net/ipv6/conf/${name}/forwarding`, value: '1' },
  ];
  return [
    ...(hasFamily(request, 4) ? v4 : []),
    ...(hasFamily(request, 6) ? v6 : []),
    { path: `net/ipv6/conf/${name}/accept_ra`, value: '0', soft: true },
  ];
}

/** Container namespace, before its end is up. IPv6 may be switched off in a fresh netns; forwarding is written either way. */
export function containerSysctls(request: VethRequest): readonly Sysctl[] {
  const forwarding = request.allowIpForwarding ? '1' : '0';
  const v6 = [
    ...['all', 'default', 'lo'].map((name) => ({ path: `net/ipv6/conf/${name}/disable_ipv6`, value: '0' })),
    { path: `net/ipv6/conf/${request.containerName}/accept_dad`, value: '0' },
    { path: 'net/ipv6/conf/all/forwarding', value: forwarding },
  ];
  return [
    ...(hasFamily(request, 4) ? [{ path: 'net/ipv4/ip_forward', value: forwarding }] : []),
    ...(hasFamily(request, 6) ? v6 : []),
  ];
}

/** Container namespace: link up, addresses, the next hop and what is routed through it. `replace` mends what may be there already. */
export function containerLines(request: VethRequest, verb: 'add' | 'replace'): readonly BatchLine[] {
  const dev = quote(request.containerName);
  const mtu = verb === 'replace' && request.mtu > 0 ? ` mtu ${request.mtu}` : '';
  const lines: BatchLine[] = [
    { line: `link set dev ${dev}${mtu} up`, failure: `failed to set "${request.containerName}" up` },
  ];
  for (const { family, address } of request.addresses) {
    lines.push({
      line: `addr ${verb} ${hostCidr({ family, address })} dev ${dev}`,
      failure: `failed to add IP addr to "${request.containerName}"`,
    });
  }
  if (hasFamily(request, 4)) {
    lines.push({
      line: `route ${verb} ${NEXT_HOP}/32 dev ${dev} scope link`,
      failure: 'failed to add route inside the container',
    });
  }
  return [...lines, ...request.routes.filter((r) => hasFamily(request, r.family)).map((r) => routeLine(r, dev, verb))];
}

function routeLine(route: { family: 4 | 6; dst: string }, dev: string, verb: string): BatchLine {
  const via = route.family === 4 ? NEXT_HOP : HOST_LINK_LOCAL;
  return {
    line: `route ${verb} ${route.dst} via ${via} dev ${dev}`,
    failure: `failed to add IPv${route.family} route for ${route.dst} via ${via}`,
  };
}

/** Host namespace, last: the routes that bring the addresses' traffic to the host end. */
export function hostLines(request: VethRequest, routed: readonly PodAddress[]): readonly BatchLine[] {
  return routed.map((address) => ({
    line: `route add ${hostCidr(address)} dev ${quote(request.hostName)} scope link`,
    failure: `error adding host side routes for interface: ${request.hostName}, error`,
  }));
}

/** The address as the host routes it: /32 or /128. */
export const hostCidr = ({ family, address }: PodAddress): string => `${address}/${family === 4 ? 32 : 128}`;

/** Interface names hold no blanks (checked), but may begin with what `ip -batch` takes for a comment. */
function quote(name: string): string {
  return /^[a-zA-Z0-9_.-]+$/.test(name) ? name : `"${name}"`;
}

/** A container's MAC from six random bytes: locally administered, unicast. */
export function macFrom(random: Uint8Array): string {
  const bytes = [...random.slice(0, 6)];
  bytes[0] = ((bytes[0] ?? 0) & 0xfc) | 0x02;
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
