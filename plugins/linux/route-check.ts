import type { NamespaceState, RouteState } from './pair-state.ts';
import { DEFAULT_DST, HOP_DST, hasFamily, nextHop, type RouteGone, type VethRequest } from './veth-plan.ts';

type Wanted = VethRequest['routes'][number];

/** The metric of the routes that an ADD makes. */
const METRIC = { 4: 0, 6: 1024 } as const;

/** Routes through the host that are missing in the container, one sentence each. */
export function containerRouteFaults(request: VethRequest, container: NamespaceState): readonly string[] {
  const { containerName } = request;
  const faults = wantedRoutes(request).flatMap((wanted) => faultOf(wanted, containerName, container) ?? []);
  const goesByHop = container.routes.some(({ dev, gateway }) => dev === containerName && gateway === nextHop(4));
  const isHopThere = container.routes.some(({ dev, dst }) => dev === containerName && dst === HOP_DST);
  return [
    ...faults,
    ...(goesByHop && !isHopThere ? [`the container has no route to ${HOP_DST} over ${containerName}`] : []),
  ];
}

/** The routes to repair. Those that something else has moved to another interface stay there. */
export function routesToMend(request: VethRequest, container: NamespaceState): readonly Wanted[] {
  return wantedRoutes(request).filter((wanted) => !isElsewhere(wanted, request.containerName, container));
}

/** Routes over our interface that take precedence over those we repair. */
export function routesInTheWay(request: VethRequest, container: NamespaceState): readonly RouteGone[] {
  const strange = wantedRoutes(request).flatMap((wanted) => strangeOver(wanted, request.containerName, container));
  return strange
    .filter(({ family, metric, isMain }) => isMain && metric < METRIC[family])
    .map((route) => ({ ...route, over: request.containerName }));
}

const wantedRoutes = (request: VethRequest): readonly Wanted[] =>
  request.routes.filter(({ family }) => hasFamily(request, family));

function faultOf(wanted: Wanted, name: string, container: NamespaceState): string | undefined {
  if (isElsewhere(wanted, name, container)) return undefined;
  const { family, dst } = wanted;
  if (over(wanted, name, container).length === 0) return `the container has no route to ${dst} over ${name}`;
  const [strange] = strangeOver(wanted, name, container);
  if (strange === undefined) return undefined;
  const hop = strange.gateway === '' ? 'no next hop' : strange.gateway;
  return `the container's route to ${dst} over ${name} goes by ${hop}, not by ${nextHop(family)}`;
}

/** Whether another interface has the route and ours does not: a later plugin (multus) or an operator has moved it. */
function isElsewhere(wanted: Wanted, name: string, container: NamespaceState): boolean {
  return (
    over(wanted, name, container).length === 0 && routesTo(wanted, container).some(({ kind }) => kind === 'unicast')
  );
}

/** Routes over our interface with another next hop that take precedence over any with ours. */
function strangeOver(wanted: Wanted, name: string, container: NamespaceState): readonly RouteState[] {
  const all = over(wanted, name, container);
  const main = all.filter(({ isMain }) => isMain);
  const counting = main.length > 0 ? main : all;
  const isOurs = ({ gateway }: RouteState) => gateway === nextHop(wanted.family);
  const best = Math.min(...counting.filter(isOurs).map(({ metric }) => metric));
  return counting.filter((route) => !isOurs(route) && route.metric < best);
}

const over = (wanted: Wanted, name: string, container: NamespaceState): readonly RouteState[] =>
  routesTo(wanted, container).filter(({ dev }) => dev === name);

function routesTo({ family, dst }: Wanted, { routes }: NamespaceState): readonly RouteState[] {
  const wanted = dst === DEFAULT_DST[family] ? 'default' : dst;
  return routes.filter((route) => route.family === family && route.dst === wanted);
}
