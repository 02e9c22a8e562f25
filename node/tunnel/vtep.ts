import { sha1 } from '../../shared/bytes/hash.ts';
import type { Address, Family } from '../../shared/net/address.ts';
import type { NodeRouting } from '../state/network-state.ts';

/** Where a machine ends VXLAN tunnels: a frame to `mac` is sent to `host`, and `tunnel` is who it is for. */
export interface Vtep {
  readonly tunnel: Address;
  readonly mac: string;
  readonly host: Address;
}

/** What a node's MAC on its VXLAN device begins with: `f`, as Felix makes it. */
export const MAC_START = '66:';

const OCTETS = 5;

/** The MAC of a node's VXLAN device, as Felix derives it where the Node names none. */
function vxlanMac({ name, vxlanTunnelMac, vxlanTunnelMacIpv6 }: NodeRouting, family: Family): string {
  const named = family === 4 ? vxlanTunnelMac : vxlanTunnelMacIpv6;
  if (named !== undefined) return named.toLowerCase();
  const digits = sha1(family === 4 ? name : `${name}-v6`);
  return MAC_START + Array.from({ length: OCTETS }, (_, at) => digits.slice(at * 2, at * 2 + 2)).join(':');
}

export const hostAddress = ({ ipv4Address, ipv6Address }: NodeRouting, family: Family): Address | undefined =>
  family === 4 ? ipv4Address : ipv6Address;

export const vxlanAddress = ({ vxlanTunnelIpv4, vxlanTunnelIpv6 }: NodeRouting, family: Family): Address | undefined =>
  family === 4 ? vxlanTunnelIpv4 : vxlanTunnelIpv6;

/** A node's end of tunnels; undefined as long as it lacks one of both addresses. */
export function vtepOf(node: NodeRouting, family: Family): Vtep | undefined {
  const [tunnel, host] = [vxlanAddress(node, family), hostAddress(node, family)];
  if (tunnel === undefined || host === undefined) return undefined;
  return { tunnel, mac: vxlanMac(node, family), host };
}
