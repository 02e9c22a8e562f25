import type { Log } from '../../shared/log/log.ts';
import { Errno } from '../../shared/netlink/errno.ts';
import { getLinks, readLink } from '../../shared/netlink/link.ts';
import { withNetlink } from '../../shared/netlink/socket.ts';
import type { PodAddress } from '../dataplane/pair-request.ts';
import { unroutedOnHost } from './pair-check.ts';
import { readHost, routesOf } from './pair-state.ts';
import { birdsBlackholes, type HostRoutes, routeConflict } from './route-conflict.ts';
import { runOnHost, StepRefused } from './run-steps.ts';
import { hostSteps, unrouteStep, type VethRequest } from './veth-plan.ts';

/** How often routes are added, each time those that are still missing: the first time, after Felix has made one, and after BIRD's have gone. */
const TRIES = 3;

/**
 * Routes the addresses to the host end. A conflicting route is an error that names it, except BIRD's blackhole routes: they are
 * removed. Felix may have made the route itself as soon as it knew the endpoint.
 */
export function routeOnHost(request: VethRequest, addresses: readonly PodAddress[], log: Log): void {
  let missing = addresses;
  for (let tries = 1; missing.length > 0; tries++) {
    try {
      runOnHost(hostSteps(request, missing));
      return;
    } catch (error) {
      if (!isTaken(error)) throw error;
      makeWay(request, error, log);
      missing = unroutedOnHost(request, readHost(request.hostName));
      if (missing.length > 0 && tries === TRIES) throw error;
    }
  }
}

/** Removes BIRD's blackhole routes, or throws which route is in the way. A route over the host end is not in the way. */
function makeWay(request: VethRequest, error: unknown, log: Log): void {
  const there = readHostRoutes();
  const blackholes = birdsBlackholes(request, there);
  if (blackholes.length === 0) {
    const conflict = routeConflict(request, there, error);
    if (conflict !== undefined) throw conflict;
    log.info('The host route is already there', { interface: request.hostName });
    return;
  }
  log.info('Removing a BIRD blackhole route', { dst: blackholes.map(({ dst }) => dst).join(',') });
  runOnHost(blackholes.map((route) => unrouteStep({ ...route, over: undefined })));
}

const isTaken = (error: unknown): boolean => error instanceof StepRefused && error.errno === Errno.exists;

/** The routes of the main table, and the interfaces they lead over. */
export function readHostRoutes(): HostRoutes {
  return withNetlink((kernel) => {
    const links = kernel.ask(getLinks()).map(readLink);
    const routes = ([4, 6] as const).flatMap((family) => routesOf(kernel, family));
    return {
      names: new Map(links.map(({ index, name }) => [index, name])),
      routes: routes.filter((one) => one.isMain),
    };
  });
}
