import type { Family } from '../../shared/net/address.ts';
import type { Neighbour } from '../../shared/netlink/neighbour.ts';
import type { Route, RouteUnwanted, RouteWanted } from '../../shared/netlink/route.ts';
import type { TunnelPlan, VxlanPlan } from './plan.ts';
import type { RouteOver, TunnelRoute } from './routes.ts';
import { MAC_START } from './vtep.ts';

/** The creator of our routes, as Felix marks its own: it takes over what this program leaves, and the other way round. */
export const PROTOCOL = 80;
/** Creators of other routes: the kernel itself, and BIRD. */
const Creator = { kernel: 2, bird: 12 } as const;

/** The interfaces that routes lead over; 0 for one that there is not. */
export type Indices = Readonly<Record<Exclude<RouteOver, 'nowhere'>, number>>;

/** What is, or is to be, in the kernel for one family's tunnels. */
export interface Entries {
  /** By destination. */
  readonly routes: Map<string, TunnelRoute>;
  /** MACs by tunnel address. */
  readonly neighbours: Map<string, string>;
  /** Machines' addresses by MAC. */
  readonly forwarding: Map<string, string>;
}

/** What the plan wants, as far as there are interfaces for it. */
export function wantedEntries({ routes, vxlan }: TunnelPlan, indices: Indices): Entries {
  const possible = [...routes].filter(([, { over }]) => over === 'nowhere' || indices[over] !== 0);
  return { routes: new Map(possible), ...(indices.vxlan === 0 ? noMachines() : machines(vxlan)) };
}

const noMachines = (): Omit<Entries, 'routes'> => ({ neighbours: new Map(), forwarding: new Map() });

function machines(vxlan: VxlanPlan | undefined): Omit<Entries, 'routes'> {
  const { neighbours, forwarding } = noMachines();
  for (const { tunnel, mac, host } of vxlan?.others.values() ?? []) {
    neighbours.set(tunnel.text, mac);
    forwarding.set(mac, host.text);
  }
  return { neighbours, forwarding };
}

export const isSameRoute = (one: TunnelRoute, other: TunnelRoute): boolean =>
  one.over === other.over && one.via === other.via;

/** What was found in the kernel: what is ours, and what others have put there. */
export interface EntriesFound {
  readonly ours: Entries;
  /** Routes that are in the way of ours, and whose makers do not need them any more. */
  readonly obstacles: readonly Route[];
  /** Routes to what we want routes to, or into our device, by others, and their entries on it. */
  readonly foreign: readonly string[];
}

export interface EntriesListed {
  readonly routes: readonly Route[];
  readonly neighbours: readonly Neighbour[];
}

/** Tells ours from others'. `wanted`: an entry for one of these is ours, whatever it says now. */
export function sortOut(listed: EntriesListed, wanted: Entries, indices: Indices): EntriesFound {
  const ours: Entries = { routes: new Map(), ...noMachines() };
  const routes = listed.routes.filter(({ isMain }) => isMain);
  for (const route of routes.filter(isOurs)) ours.routes.set(route.dst, asPlanned(route, indices));
  const others = routes.filter((route) => !isOurs(route));
  const obstacles = others.filter((route) => isObstacle(route, wanted, indices));
  const foreign = others.filter((route) => !obstacles.includes(route) && isForeign(route, wanted, indices));
  return {
    ours,
    obstacles,
    foreign: [...foreign.map(routeWords), ...sortNeighbours(listed.neighbours, ours, wanted)],
  };
}

const isOurs = ({ protocol }: Route): boolean => protocol === PROTOCOL;

function sortNeighbours(neighbours: readonly Neighbour[], ours: Entries, wanted: Entries): readonly string[] {
  const isOwn = ({ address, mac }: Neighbour) =>
    mac.startsWith(MAC_START) || wanted.forwarding.has(mac) || wanted.neighbours.has(address);
  for (const { table, address, mac } of neighbours.filter(isOwn)) {
    if (table === 'forwarding') ours.forwarding.set(mac, address);
    else ours.neighbours.set(address, mac);
  }
  return neighbours.filter((each) => !isOwn(each)).map(neighbourWords);
}

const neighbourWords = ({ table, address, mac }: Neighbour): string =>
  `the ${table === 'forwarding' ? 'forwarding entry' : 'neighbour'} ${address} with MAC ${mac}`;

function asPlanned({ dst, index, via, kind }: Route, indices: Indices): TunnelRoute {
  if (kind === 'blackhole') return { dst, over: 'nowhere', via: '' };
  const over = index === indices.vxlan ? 'vxlan' : index === indices.ipip ? 'ipip' : 'parent';
  return { dst, over, via };
}

/** BIRD's from the time before the pool had a tunnel, and an older Felix's, which did not mark them. */
const isObstacle = ({ protocol, dst, index }: Route, wanted: Entries, indices: Indices): boolean =>
  wanted.routes.has(dst) &&
  (protocol === Creator.bird || (index !== 0 && index === indices.vxlan && protocol !== Creator.kernel));

const isForeign = ({ protocol, dst, index }: Route, wanted: Entries, indices: Indices): boolean =>
  protocol !== Creator.kernel && (wanted.routes.has(dst) || (index !== 0 && index === indices.vxlan));

const routeWords = ({ dst, via, protocol }: Route): string =>
  `the route to ${dst}${via === '' ? '' : ` via ${via}`} (protocol ${protocol})`;

/** The kernel's form of a route. */
export const routeWanted = (family: Family, { dst, over, via }: TunnelRoute, indices: Indices): RouteWanted => ({
  family,
  dst,
  index: over === 'nowhere' ? 0 : indices[over],
  protocol: PROTOCOL,
  isOnLink: (over === 'vxlan' || over === 'ipip') && via !== '',
  ...(via === '' ? {} : { via }),
});

export const routeUnwanted = (family: Family, { dst, over }: TunnelRoute): RouteUnwanted => ({
  family,
  dst,
  kind: over === 'nowhere' ? 'blackhole' : 'unicast',
  protocol: PROTOCOL,
  index: 0,
  metric: 0,
});
