import { type Address, type Family, parseAddress } from '../../shared/net/address.ts';
import type { NodeRouting } from '../state/network-state.ts';

/** Where a session comes from: the mesh of nodes, a BGPPeer for certain nodes, or one for all. */
export type Origin = 'Mesh' | 'Node' | 'Global';

/** One BGP session of this node. */
export interface Session {
  readonly origin: Origin;
  /** The node or BGPPeer that it is for. */
  readonly about: string;
  readonly address: Address;
  readonly port: number | undefined;
  readonly asNumber: number;
  /** This node's AS number towards the peer. */
  readonly localAs: number;
  /** Undefined: whatever the kernel chooses. */
  readonly sourceAddress: Address | undefined;
  /** The peer opens the connection. */
  readonly isPassive: boolean;
  readonly restartSeconds: number | undefined;
  readonly keepaliveSeconds: number | undefined;
  readonly password: string | undefined;
  /** How many routers away the peer may be, with its packets' TTL checked; 0 without a check. */
  readonly ttlSecurity: number;
  readonly nextHop: 'self' | 'keep' | undefined;
  /** This node's cluster as a route reflector, when the peer is a client of it. */
  readonly clusterId: string | undefined;
  /** How often this node's own AS number may be in a path that is accepted. */
  readonly allowedLocalAs: number;
  /** Names of BGPFilters. */
  readonly filters: readonly string[];
  /** The router by which the peer is reached. */
  readonly reachableBy: Address | undefined;
}

/** What most sessions have no need of. */
export const PLAIN = {
  keepaliveSeconds: undefined,
  password: undefined,
  ttlSecurity: 0,
  nextHop: undefined,
  clusterId: undefined,
  allowedLocalAs: 0,
  filters: [],
  reachableBy: undefined,
} as const;

/** A session's name in BIRD, as the original's: `calicoctl node status` reads address and origin from it. */
export function nameOf({ origin, address, port }: Session): string {
  const name = `${origin}_${address.text.replaceAll(address.family === 4 ? '.' : ':', '_')}`;
  // The original names sessions of the mesh without their port.
  return port === undefined || origin === 'Mesh' ? name : `${name}_port_${port}`;
}

/** Whether both ends are in one AS. */
export const isInternal = (session: Session): boolean => session.asNumber === session.localAs;

/**
 * Of two nodes the one with the higher address, as text, opens the connection. If both did, one of the two connections would be
 * closed, which ends a graceful restart early.
 */
export const waitsFor = (own: Address, peer: Address): boolean => peer.text > own.text;

/** A node's address for BGP; undefined when it takes no part in that. */
export const addressOfNode = (node: NodeRouting, family: Family): Address | undefined =>
  family === 4 ? node.ipv4 && node.ipv4Address : node.ipv6 && node.ipv6Address;

/** A node's cluster as a route reflector, which is written as an IPv4 address. */
export function clusterIdOf({ routeReflectorClusterId }: NodeRouting): string | undefined {
  const id = parseAddress(routeReflectorClusterId ?? '');
  return id?.family === 4 ? id.text : undefined;
}
