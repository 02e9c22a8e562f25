import { CniError, failure } from '../shared/cni/error.ts';
import { getLinks, readLink } from '../shared/netlink/link.ts';
import type { Route } from '../shared/netlink/route.ts';
import { withNetlink } from '../shared/netlink/socket.ts';
import { routesOf } from './pair-state.ts';
import { hostCidr, type VethRequest } from './veth-plan.ts';

/**
 * A host route that could not be added because another interface has it, told as the original tells it: who
 * holds the address. Any other failure comes back as it was.
 */
export function explainRouteConflict(error: unknown, request: VethRequest): unknown {
  if (!(error instanceof CniError) || !error.message.endsWith(': file exists')) return error;
  const { names, routes } = readHostRoutes();
  const nameOf = ({ index }: Route) => names.get(index) ?? '';
  const wanted = request.addresses.map(hostCidr);
  const holder = routes.find((route) => wanted.includes(route.dst) && nameOf(route) !== request.hostName);
  if (holder === undefined) return error;
  const { dst, index, scope } = holder;
  const own = [...names].find(([, name]) => name === request.hostName)?.[0] ?? 0;
  const ours = `route (Ifindex: ${own}, Dst: ${dst}, Scope: link)`;
  const theirs = `route (Ifindex: ${index}, Dst: ${dst}, Scope: ${scope}, Iface: ${nameOf(holder)})`;
  return failure(
    `error adding host side routes for interface: ${request.hostName}, error: ${ours} already exists for an interface other than '${request.hostName}': ${theirs}`,
    `the route belongs to ${nameOf(holder)}: ip route show ${dst}`,
    error,
  );
}

/** The main table's routes, and the interfaces they lead over. */
export function readHostRoutes(): { readonly names: ReadonlyMap<number, string>; readonly routes: readonly Route[] } {
  return withNetlink((kernel) => {
    const links = kernel.ask(getLinks()).map(readLink);
    const routes = ([4, 6] as const).flatMap((family) => routesOf(kernel, family));
    return {
      names: new Map(links.map(({ index, name }) => [index, name])),
      routes: routes.filter((one) => one.isMain),
    };
  });
}
