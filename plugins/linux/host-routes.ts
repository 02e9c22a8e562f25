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

/** Routes the addresses to the host end. A conflicting route is an error that names it, except BIRD's blackhole routes: they are removed. */
export function routeOnHost(request: VethRequest, addresses: readonly PodAddress[], log: Log): void {
  if (addresses.length === 0) return;
  try {
    runOnHost(hostSteps(request, addresses));
  } catch (error) {
    if (!isTaken(error)) throw error;
    const there = readHostRoutes();
    const blackholes = birdsBlackholes(request, there);
    if (blackholes.length === 0) throw routeConflict(request, there, error) ?? error;
    log.info('Removing a BIRD blackhole route', { dst: blackholes.map(({ dst }) => dst).join(',') });
    runOnHost(blackholes.map((route) => unrouteStep({ ...route, over: undefined })));
    routeWithoutBlackholes(request);
  }
}

function routeWithoutBlackholes(request: VethRequest): void {
  try {
    runOnHost(hostSteps(request, unroutedOnHost(request, readHost(request.hostName))));
  } catch (error) {
    throw (isTaken(error) ? routeConflict(request, readHostRoutes(), error) : undefined) ?? error;
  }
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
