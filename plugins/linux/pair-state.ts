import { getAddresses, readAddress } from '../../shared/netlink/address.ts';
import { Errno } from '../../shared/netlink/errno.ts';
import { inside } from '../../shared/netlink/inside.ts';
import { getLink, getLinks, type Link, readLink } from '../../shared/netlink/link.ts';
import { getRoutes, type Route, readRoute } from '../../shared/netlink/route.ts';
import { askIfThere, KernelRefused, type Netlink, withNetlink } from '../../shared/netlink/socket.ts';
import type { Netns } from './netns.ts';

/** An interface with its addresses. */
export interface LinkState extends Omit<Link, 'index' | 'name' | 'peerNetns'> {
  readonly ifindex: number;
  readonly ifname: string;
  /** Addresses with prefix length. */
  readonly addresses: readonly string[];
}

/** A route: destination with prefix length (or `default`), device, next hop. */
export interface RouteState extends Pick<Route, 'family' | 'dst' | 'kind' | 'protocol' | 'metric' | 'isMain'> {
  readonly dev: string;
  readonly gateway: string;
}

/** The links of one namespace that were looked up, and its routes. */
export interface NamespaceState {
  readonly links: readonly LinkState[];
  readonly routes: readonly RouteState[];
}

/** Links and routes of the container's namespace, of all tables: a later plugin may have moved the routes (sbr). */
export function readContainer(netns: Netns): NamespaceState {
  return inside(netns.fd, () => withNetlink((kernel) => stateOf(kernel, kernel.ask(getLinks()).map(readLink))));
}

/** One link of the container's namespace; undefined when there is none. */
export function containerLink(netns: Netns, name: string): Link | undefined {
  return inside(netns.fd, () => withNetlink((kernel) => linkNamed(kernel, name)));
}

/** The link `hostName` and the routes over it, in our namespace. */
export function readHost(hostName: string): NamespaceState {
  return withNetlink((kernel) => {
    const link = linkNamed(kernel, hostName);
    return link === undefined ? { links: [], routes: [] } : stateOf(kernel, [link], link.index);
  });
}

/** The link of this name; undefined when there is none. */
const linkNamed = (kernel: Netlink, name: string): Link | undefined =>
  askIfThere(kernel, getLink(name)).map(readLink)[0];

/** `over`: only the routes over this interface. */
function stateOf(kernel: Netlink, links: readonly Link[], over?: number): NamespaceState {
  const names = new Map(links.map(({ index, name }) => [index, name]));
  const routes = ([4, 6] as const).flatMap((family) => routesOf(kernel, family, over));
  return {
    links: links.map(({ index, name, peerNetns: _, ...link }) => ({
      ...link,
      ifindex: index,
      ifname: name,
      addresses: addressesOn(kernel, index),
    })),
    // Kernels without the filter report all routes.
    routes: routes
      .filter(({ index }) => over === undefined || index === over)
      .map(({ index, via, scope: _, ...route }) => ({ ...route, dev: names.get(index) ?? '', gateway: via })),
  };
}

/** None for a family that this kernel does not support. */
export function routesOf(kernel: Netlink, family: 4 | 6, over?: number): readonly Route[] {
  try {
    return kernel.ask(getRoutes(family, over)).map(readRoute);
  } catch (error) {
    if (error instanceof KernelRefused && error.errno === Errno.notSupported) return [];
    throw error;
  }
}

function addressesOn(kernel: Netlink, link: number): readonly string[] {
  const all = kernel.ask(getAddresses(link)).map(readAddress);
  return all.filter(({ index }) => index === link).map(({ cidr }) => cidr);
}
