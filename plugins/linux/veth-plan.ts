import type { LinkEnd, VethEnd } from '../../shared/netlink/link.ts';
import type { RouteUnwanted } from '../../shared/netlink/route.ts';
import { HOST_MAC, hostCidr, type PairRequest, type PodAddress } from '../dataplane/pair-request.ts';
import type { Shaping } from './shaping-plan.ts';

/** The link-local address of the host end's MAC: the pods' IPv6 next hop. */
const HOST_LINK_LOCAL = 'fe80::ecee:eeff:feee:eeee';
/** The pods' IPv4 next hop. No interface has it: the host end answers for it by proxy ARP. */
const NEXT_HOP = '169.254.1.1';
export const HOP_DST = `${NEXT_HOP}/32`;

/** A pair, and the limits that this plugin sets on it. */
export interface VethRequest extends PairRequest {
  readonly shaping?: Shaping;
}

/** One change to a namespace's interfaces, addresses or routes, with Calico's words for its failure. */
export type Step = { readonly failure: string } & (
  | { readonly make: 'veth'; readonly here: VethEnd; readonly there: VethEnd }
  | { readonly make: 'netkit'; readonly here: LinkEnd; readonly there: LinkEnd }
  | { readonly make: 'mac'; readonly name: string; readonly mac: string }
  | { readonly make: 'ifb'; readonly name: string; readonly mtu: number }
  /** An MTU of 0 leaves it unchanged. */
  | { readonly make: 'up'; readonly name: string; readonly mtu: number }
  | { readonly make: 'address'; readonly on: string; readonly address: PodAddress; readonly verb: AddOrReplace }
  | { readonly make: 'route'; readonly over: string; readonly route: RouteTo; readonly verb: AddOrReplace }
  | { readonly make: 'unroute'; readonly route: RouteGone }
);

/** `replace` succeeds when it already exists, or changes it. */
export type AddOrReplace = 'add' | 'replace';

interface RouteTo {
  readonly family: 4 | 6;
  /** With prefix length. */
  readonly dst: string;
  /** Next hop; without one, the destination is on the link. */
  readonly via?: string;
}

/** A route of the main table to remove. */
export interface RouteGone extends Omit<RouteUnwanted, 'index'> {
  /** The interface it leads over, if any. */
  readonly over: string | undefined;
}

/** A file under /proc/sys. */
export interface Sysctl {
  readonly path: string;
  readonly value: string;
  /** It may be missing, or refuse to be set. */
  readonly soft?: boolean;
  /** Only matters at creation: later changes are fine. */
  readonly atBirth?: boolean;
}

/** The next hop of everything a pod sends. */
export const nextHop = (family: 4 | 6): string => (family === 4 ? NEXT_HOP : HOST_LINK_LOCAL);

/** The default route's destination with prefix length. */
export const DEFAULT_DST = { 4: '0.0.0.0/0', 6: '::/0' } as const;

export const hasFamily = (request: VethRequest, family: 4 | 6): boolean =>
  request.addresses.some((address) => address.family === family);

/**
 * Host namespace, first: the pair, with the container end created in its netns under its final name, and the host end up. It
 * carries no traffic without its peer, but gives the container end a carrier when that goes up.
 */
export function createSteps(request: VethRequest): readonly Step[] {
  const { hostName, containerName, mac, mtu, queues } = request;
  const here = { name: hostName, mac: HOST_MAC, mtu, queues };
  const there = { name: containerName, mac, mtu, queues };
  return [{ make: 'veth', here, there, failure: '' }, ...shapingSteps(request)];
}

/** Host namespace: the device that shapes outgoing traffic, when there is a limit. */
export function shapingSteps({ hostName, shaping, mtu }: VethRequest): readonly Step[] {
  if (shaping === undefined || shaping.egressRate === 0) return [];
  return [{ make: 'ifb', name: shaping.device, mtu, failure: `failed to make the shaping device of ${hostName}` }];
}

/** Host namespace: the host end up, where it already exists. */
export function upSteps({ hostName }: VethRequest): readonly Step[] {
  return [{ make: 'up', name: hostName, mtu: 0, failure: `failed to set "${hostName}" up` }];
}

/** Host namespace, before the peer is up: the host end gets its link-local address, without DAD, as soon as it has a carrier. */
export function hostSysctls(request: VethRequest): readonly Sysctl[] {
  const name = request.hostName;
  const v4 = [
    { path: `net/ipv4/conf/${name}/route_localnet`, value: '1' },
    { path: `net/ipv4/neigh/${name}/proxy_delay`, value: '0', soft: true },
    { path: `net/ipv4/conf/${name}/proxy_arp`, value: '1' },
    { path: `net/ipv4/conf/${name}/forwarding`, value: '1' },
  ];
  const v6 = [
    // The pods' IPv6 next hop is derived from the MAC, whatever the host's default for new links is.
    { path: `net/ipv6/conf/${name}/addr_gen_mode`, value: '0', soft: true },
    { path: `net/ipv6/conf/${name}/accept_dad`, value: '0', atBirth: true },
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

/** Container namespace, before its end is up. IPv6 may be disabled in a new netns; forwarding is written either way. */
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

/** Container namespace: link up, addresses, the next hop and the routes through it. `replace` repairs what may already exist. */
export function containerSteps(request: VethRequest, verb: AddOrReplace): readonly Step[] {
  const name = request.containerName;
  const mtu = verb === 'replace' ? request.mtu : 0;
  const hop: RouteTo = { family: 4, dst: HOP_DST };
  const toHop: Step = {
    make: 'route',
    over: name,
    route: hop,
    verb,
    failure: 'failed to add route inside the container',
  };
  return [
    { make: 'up', name, mtu, failure: `failed to set "${name}" up` },
    ...request.addresses.map(
      (address): Step => ({ make: 'address', on: name, address, verb, failure: `failed to add IP addr to "${name}"` }),
    ),
    ...(hasFamily(request, 4) ? [toHop] : []),
    ...request.routes.filter((r) => hasFamily(request, r.family)).map((r) => routeStep(r, name, verb)),
  ];
}

/** Removes a route of the main table. */
export const unrouteStep = ({ family, dst, kind, protocol, metric, over }: RouteGone): Step => {
  const whole = dst === 'default' ? DEFAULT_DST[family] : dst;
  const route = { family, dst: whole, kind, protocol, metric, over };
  return { make: 'unroute', route, failure: `failed to remove the route to ${dst}` };
};

function routeStep({ family, dst }: { family: 4 | 6; dst: string }, over: string, verb: AddOrReplace): Step {
  const via = nextHop(family);
  const failure = `failed to add IPv${family} route for ${dst} via ${via}`;
  return { make: 'route', over, route: { family, dst, via }, verb, failure };
}

/** Host namespace, last: the routes that lead the addresses' traffic to the host end. */
export function hostSteps({ hostName }: VethRequest, routed: readonly PodAddress[]): readonly Step[] {
  const failure = `error adding host side routes for interface: ${hostName}, error`;
  return routed.map((address) => {
    const route = { family: address.family, dst: hostCidr(address) };
    return { make: 'route', over: hostName, route, verb: 'add', failure };
  });
}
