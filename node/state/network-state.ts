import type { Pool } from '../../ipam/config/pools.ts';
import type { Address } from '../../shared/net/address.ts';
import type { Cidr } from '../../shared/net/cidr.ts';

/**
 * What routing on one node is computed from: a copy of the stored objects at one time. It never changes: later states are other
 * objects, which share everything that is as it was, so that comparing with `===` shows what has changed.
 */
export interface NetworkState {
  /** This node's name. */
  readonly node: string;
  readonly nodes: ReadonlyMap<string, NodeRouting>;
  /** By name. */
  readonly pools: readonly PoolRouting[];
  readonly blocks: readonly BlockRouting[];
  /** Specs of BGPConfiguration by name: `default`, and `node.NAME` for one node. */
  readonly bgpConfigurations: ReadonlyMap<string, Spec>;
  readonly bgpPeers: ReadonlyMap<string, Spec>;
  readonly bgpFilters: ReadonlyMap<string, Spec>;
  readonly felixConfigurations: ReadonlyMap<string, Spec>;
  /** Services of Kubernetes that this node serves as a place of its own. */
  readonly services: readonly ServiceRouting[];
}

/** A service, as far as its addresses may be announced one by one. */
export interface ServiceRouting {
  /** Only nodes with a ready endpoint serve it, of which this is one; otherwise every node does. */
  readonly isLocal: boolean;
  readonly clusterIp: string;
  readonly externalIps: readonly string[];
  readonly loadBalancerIps: readonly string[];
  /** The addresses by which a load balancer may be found to be one of a single address. */
  readonly balanced: readonly string[];
}

/** The spec of a v3 resource as stored. */
export type Spec = Readonly<Record<string, unknown>>;

/** A Node, as other nodes need it. */
export interface NodeRouting {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** With the prefix length of the node's network. Undefined for a node that takes no part in BGP, which may still have an address. */
  readonly ipv4: Cidr | undefined;
  readonly ipv4Address: Address | undefined;
  readonly ipv6: Cidr | undefined;
  readonly ipv6Address: Address | undefined;
  readonly asNumber: number | undefined;
  readonly routeReflectorClusterId: string | undefined;
  readonly vxlanTunnelIpv4: Address | undefined;
  readonly vxlanTunnelMac: string | undefined;
  readonly vxlanTunnelIpv6: Address | undefined;
  readonly vxlanTunnelMacIpv6: string | undefined;
  readonly ipipTunnelIpv4: Address | undefined;
}

export type TunnelMode = 'Never' | 'Always' | 'CrossSubnet';

/** An IPPool with what says how its addresses are reached. */
export interface PoolRouting {
  readonly pool: Pool;
  readonly vxlanMode: TunnelMode;
  readonly ipipMode: TunnelMode;
  readonly natOutgoing: boolean;
  readonly disableBgpExport: boolean;
}

/** A block, and its addresses that are used on other nodes than the one that owns it. */
export interface BlockRouting {
  readonly cidr: Cidr;
  /** The owner; undefined when no node is. */
  readonly node: string | undefined;
  readonly borrowed: readonly { readonly address: Address; readonly node: string }[];
}
