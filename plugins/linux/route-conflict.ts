import { type Failure, failure } from '../../shared/error/failure.ts';
import type { Route } from '../../shared/netlink/route.ts';
import { hostCidr } from '../dataplane/pair-request.ts';
import type { VethRequest } from './veth-plan.ts';

/** The routes of the main table, and the interfaces they lead over. */
export interface HostRoutes {
  readonly names: ReadonlyMap<number, string>;
  readonly routes: readonly Route[];
}

const BIRD = 12;
/** What makes routes, by rtnetlink's protocol numbers: iproute2's name, and a description. */
const MAKERS: Readonly<Record<number, readonly [string, string]>> = {
  2: ['kernel', 'the kernel'],
  3: ['boot', 'an administrator or a program'],
  4: ['static', 'an administrator'],
  11: ['zebra', 'FRR'],
  [BIRD]: ['bird', 'BIRD'],
  80: ['80', 'Felix'],
  186: ['bgp', 'FRR'],
};
/** Routes that drop traffic, as `ip route` calls them. */
const NOWHERE: Readonly<Record<string, string>> = {
  blackhole: 'a blackhole',
  unreachable: 'an unreachable route',
  prohibit: 'a prohibiting route',
  throw: 'a throw route',
};

/** BIRD's blackhole routes for blocks of a single address that the pod has: they give way to the pod. */
export function birdsBlackholes({ addresses }: VethRequest, { routes }: HostRoutes): readonly Route[] {
  const wanted = addresses.map(hostCidr);
  return routes.filter(({ dst, kind, protocol }) => kind === 'blackhole' && protocol === BIRD && wanted.includes(dst));
}

/**
 * Why a host route could not be added, in the original's words: which route is in the way. Undefined when none is.
 */
export function routeConflict(
  request: VethRequest,
  { names, routes }: HostRoutes,
  cause: unknown,
): Failure | undefined {
  const nameOf = ({ index }: Route) => names.get(index) ?? '';
  const wanted = request.addresses.map(hostCidr);
  const holder = routes.find((route) => wanted.includes(route.dst) && nameOf(route) !== request.hostName);
  if (holder === undefined) return undefined;
  const { dst, index, scope, kind } = holder;
  const own = [...names].find(([, name]) => name === request.hostName)?.[0] ?? 0;
  const ours = `error adding host side routes for interface: ${request.hostName}, error: route (Ifindex: ${own}, Dst: ${dst}, Scope: link)`;
  const nowhere = NOWHERE[kind];
  if (nowhere !== undefined) {
    const [protocol, maker] = MAKERS[holder.protocol] ?? [`${holder.protocol}`, 'a program'];
    return failure(
      `${ours} already exists as ${nowhere} (protocol ${protocol})`,
      `a route of ${maker} drops all traffic to ${dst}: when it is no longer needed, ip route del ${kind} ${dst}`,
      cause,
    );
  }
  const theirs = `route (Ifindex: ${index}, Dst: ${dst}, Scope: ${scope}, Iface: ${nameOf(holder)})`;
  return failure(
    `${ours} already exists for an interface other than '${request.hostName}': ${theirs}`,
    `the route belongs to ${nameOf(holder)}: ip route show ${dst}`,
    cause,
  );
}
