import type { Fields } from '../../ctl/resource/resource.ts';
import type { Family } from '../../shared/net/address.ts';
import type { PoolRouting } from '../state/network-state.ts';

/** A kind of tunnel, and how a node's address for it is named in the datastore. */
export interface TunnelKind {
  readonly words: string;
  readonly family: Family;
  /** The attribute `type` of the address's allocation. */
  readonly type: string;
  /** The allocation's handle: this and the node's name. */
  readonly handle: string;
  /** The field of the Node's spec. */
  readonly field: readonly [string] | readonly [string, string];
  readonly uses: (pool: PoolRouting) => boolean;
}

export const TUNNEL_KINDS: readonly TunnelKind[] = [
  {
    words: 'IPIP',
    family: 4,
    type: 'ipipTunnelAddress',
    handle: 'ipip-tunnel-addr-',
    field: ['bgp', 'ipv4IPIPTunnelAddr'],
    uses: ({ ipipMode }) => ipipMode !== 'Never',
  },
  {
    words: 'IPv4 VXLAN',
    family: 4,
    type: 'vxlanTunnelAddress',
    handle: 'vxlan-tunnel-addr-',
    field: ['ipv4VXLANTunnelAddr'],
    uses: ({ vxlanMode }) => vxlanMode !== 'Never',
  },
  {
    words: 'IPv6 VXLAN',
    family: 6,
    type: 'vxlanV6TunnelAddress',
    handle: 'vxlan-v6-tunnel-addr-',
    field: ['ipv6VXLANTunnelAddr'],
    uses: ({ vxlanMode }) => vxlanMode !== 'Never',
  },
];

/** A part of a Node's spec that has this value in the kind's field; null for none. */
export const specWith = ({ field: [outer, inner] }: TunnelKind, value: string | null): Fields =>
  inner === undefined ? { [outer]: value } : { [outer]: { [inner]: value } };
