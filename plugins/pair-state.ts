import { programPath, run } from '../shared/exec.ts';
import type { Netns } from './netns.ts';

/** One interface as `ip -j -d addr` shows it. */
export interface LinkState {
  readonly ifindex: number;
  readonly ifname: string;
  readonly up: boolean;
  readonly mac: string;
  readonly mtu: number;
  /** ifindex of the other end, in its own namespace; 0 when it is no veth. */
  readonly peer: number;
  /** Bare addresses with prefix length. */
  readonly addresses: readonly string[];
}

/** One route: destination with prefix length (or `default`), device, next hop. */
interface RouteState {
  readonly dst: string;
  readonly dev: string;
  readonly gateway: string;
}

/** What one namespace holds, of the links named, and routes. */
export interface NamespaceState {
  readonly links: readonly LinkState[];
  readonly routes: readonly RouteState[];
}

/** All tables: a later plugin may have moved the routes (sbr). */
const SCRIPT = '"$1" -j addr show; echo; "$1" -j -4 route show table all; echo; "$1" -j -6 route show table all';

/** Links and routes of the container's namespace. */
export function readContainer(netns: Netns): NamespaceState {
  const args = [`--net=${netns.reference}`, programPath('sh'), '-c', SCRIPT, 'sh', programPath('ip')];
  return parseState(run('nsenter', args, {}).stdout);
}

/** The link `hostName` and the routes over it, in the namespace we run in. */
export function readHost(hostName: string): NamespaceState {
  const script =
    '"$1" -j addr show dev "$2"; echo; "$1" -j -4 route show dev "$2"; echo; "$1" -j -6 route show dev "$2"';
  return parseState(run(programPath('sh'), ['-c', script, 'sh', programPath('ip'), hostName], {}).stdout);
}

function parseState(text: string): NamespaceState {
  const lines = text.split('\n').filter((line) => line.startsWith('['));
  const [links = [], ...routes] = lines.map((line) => JSON.parse(line) as RawRow[]);
  return {
    links: links.filter((row) => row.ifname !== undefined).map(linkState),
    routes: routes
      .flat()
      .map((row) => ({ dst: withLength(row.dst ?? ''), dev: row.dev ?? '', gateway: row.gateway ?? '' })),
  };
}

/** The fields used here of iproute2's JSON. */
interface RawRow {
  readonly ifindex?: number;
  readonly ifname?: string;
  readonly link_index?: number;
  readonly flags?: readonly string[];
  readonly address?: string;
  readonly mtu?: number;
  readonly addr_info?: readonly { readonly local?: string; readonly prefixlen?: number }[];
  readonly dst?: string;
  readonly dev?: string;
  readonly gateway?: string;
}

function linkState(row: RawRow): LinkState {
  return {
    ifindex: row.ifindex ?? 0,
    ifname: row.ifname ?? '',
    up: row.flags?.includes('UP') === true,
    mac: row.address ?? '',
    mtu: row.mtu ?? 0,
    peer: row.link_index ?? 0,
    addresses: (row.addr_info ?? []).map(({ local, prefixlen }) => `${local}/${prefixlen}`),
  };
}

/** iproute2 leaves out /32 and /128. */
function withLength(dst: string): string {
  if (dst === 'default' || dst.includes('/')) return dst;
  return dst.includes(':') ? `${dst}/128` : `${dst}/32`;
}
