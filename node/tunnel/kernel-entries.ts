import type { Family } from '../../shared/net/address.ts';
import { Errno } from '../../shared/netlink/errno.ts';
import type { NetlinkRequest } from '../../shared/netlink/message.ts';
import {
  deleteNeighbour,
  getNeighbours,
  type NeighbourTable,
  readNeighbour,
  setNeighbour,
} from '../../shared/netlink/neighbour.ts';
import { deleteRoute, getRoutes, newRoute, type Route, readRoute } from '../../shared/netlink/route.ts';
import { askIfThere, KernelRefused, type Netlink } from '../../shared/netlink/socket.ts';
import { differenceOf } from './difference.ts';
import { type Entries, type EntriesListed, type Indices, isSameRoute, routeUnwanted, routeWanted } from './entries.ts';
import type { TunnelRoute } from './routes.ts';

/** Routes of a family, and the lasting entries of the VXLAN device. */
export function listEntries(kernel: Netlink, family: Family, { vxlan }: Indices): EntriesListed {
  const entries = (table: NeighbourTable) =>
    kernel.ask(getNeighbours(table, vxlan)).flatMap((message) => {
      const found = readNeighbour(table, message);
      return found?.index === vxlan ? found : [];
    });
  return {
    routes: kernel.ask(getRoutes(family)).map(readRoute),
    neighbours: vxlan === 0 ? [] : [...entries(family), ...entries('forwarding')],
  };
}

/** What was changed, and what the kernel refused. */
export interface Changed {
  /** Routes. */
  readonly set: readonly string[];
  readonly removed: readonly string[];
  /** How many other machines the device has been told of. */
  readonly machines: number;
  readonly refused: readonly string[];
}

interface Change {
  readonly what: string;
  readonly requests: readonly NetlinkRequest[];
  /** Notes that it is done. */
  readonly done: () => void;
}

/** What the kernel has, what it is to have, and routes of others that ours take the place of. */
interface Wish {
  readonly present: Entries;
  readonly wanted: Entries;
  readonly obstacles: readonly Route[];
}

/** Makes the kernel's entries those that are wanted. `present` is changed with them; what is refused is not in it. */
export function changeEntries(kernel: Netlink, family: Family, indices: Indices, wish: Wish): Changed {
  const { present, wanted } = wish;
  const routes = routeChanges(family, indices, wish);
  const neighbours = neighbourChanges(family, indices.vxlan, present.neighbours, wanted.neighbours);
  const forwarding = neighbourChanges('forwarding', indices.vxlan, present.forwarding, wanted.forwarding);
  const refused: string[] = [];
  const carryOut = (changes: readonly Change[]) => changes.filter((change) => isDone(kernel, change, refused));
  // A route is only of use once the kernel knows the machine it leads to.
  const removed = carryOut(routes.remove);
  const machines = carryOut(forwarding.set).length;
  carryOut(neighbours.set);
  const set = carryOut(routes.set);
  carryOut([...neighbours.remove, ...forwarding.remove]);
  const words = (changes: readonly Change[]) => changes.map(({ what }) => what);
  return { set: words(set), removed: words(removed), machines, refused };
}

interface Changes {
  readonly set: readonly Change[];
  readonly remove: readonly Change[];
}

function routeChanges(family: Family, indices: Indices, { present, wanted, obstacles }: Wish): Changes {
  const { surplus, missing } = differenceOf(wanted.routes, present.routes, isSameRoute);
  const inTheWay = new Map<string, readonly Route[]>();
  for (const each of obstacles) inTheWay.set(each.dst, [...(inTheWay.get(each.dst) ?? []), each]);
  return {
    set: missing.map(([, route]) => ({
      what: wordsOf(route),
      requests: settingRoute(family, indices, route, {
        before: present.routes.get(route.dst),
        others: inTheWay.get(route.dst) ?? [],
      }),
      done: () => present.routes.set(route.dst, route),
    })),
    remove: surplus.map(([, route]) => ({
      what: wordsOf(route),
      requests: [deleteRoute(routeUnwanted(family, route))],
      done: () => present.routes.delete(route.dst),
    })),
  };
}

/** The kernel's own metric for routes that name none: a route takes the place of one with the same. */
const METRIC: Readonly<Record<Family, number>> = { 4: 0, 6: 1024 };

/** What leads to a destination before our route does. */
interface Before {
  readonly before: TunnelRoute | undefined;
  readonly others: readonly Route[];
}

/**
 * A route takes the place of another in one step, so that no packet finds none; what does not give way is removed afterwards. With
 * IPv6 a block's route over another interface forbids one whose next hop is in the block, even where it is replaced by it.
 */
function settingRoute(
  family: Family,
  indices: Indices,
  route: TunnelRoute,
  { before, others }: Before,
): readonly NetlinkRequest[] {
  const wanted = routeWanted(family, route, indices);
  const givesWay = family === 4 || (before === undefined && others.every(({ index }) => index === wanted.index));
  if (givesWay) {
    const stay = others.filter(({ metric }) => metric !== METRIC[family]);
    return [newRoute(wanted, before !== undefined || others.length > 0), ...stay.map((other) => deleteRoute(other))];
  }
  const removing = before === undefined ? [] : [deleteRoute(routeUnwanted(family, before))];
  return [...removing, ...others.map((other) => deleteRoute(other)), newRoute(wanted, false)];
}

/** Removes routes of others. */
export function removeRoutes(kernel: Netlink, routes: readonly Route[]): void {
  for (const route of routes) askIfThere(kernel, deleteRoute(route));
}

const wordsOf = ({ dst, over, via }: TunnelRoute): string => {
  if (over === 'nowhere') return `blackhole ${dst}`;
  return via === '' ? dst : `${dst} via ${via}`;
};

/** Entries of a table by key: addresses on the link, or MACs in the forwarding table. */
function neighbourChanges(
  table: NeighbourTable,
  index: number,
  present: Map<string, string>,
  wanted: ReadonlyMap<string, string>,
): Changes {
  const { surplus, missing } = differenceOf(wanted, present, (one, other) => one === other);
  const neighbour = (key: string, value: string) =>
    table === 'forwarding' ? { table, index, address: value, mac: key } : { table, index, address: key, mac: value };
  return {
    set: missing.map(([key, value]) => ({
      what: key,
      requests: [setNeighbour(neighbour(key, value))],
      done: () => present.set(key, value),
    })),
    remove: surplus.map(([key, value]) => ({
      what: key,
      requests: [deleteNeighbour(neighbour(key, value))],
      done: () => present.delete(key),
    })),
  };
}

function isDone(kernel: Netlink, { what, requests, done }: Change, refused: string[]): boolean {
  try {
    for (const request of requests) askIfThere(kernel, request);
  } catch (error) {
    if (!(error instanceof KernelRefused)) throw error;
    refused.push(`${what}: ${error.errno === Errno.exists ? 'another program has a route to it' : error.message}`);
    return false;
  }
  done();
  return true;
}
