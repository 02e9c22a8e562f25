import { choice, list, object, scalar, text } from '../schema/type.ts';
import type { Rules } from './rules.ts';

/** An address with this field name in the original's errors. */
const checked = (format: 'cidrv4' | 'cidrv6' | 'ipv4' | 'ipv6' | 'mac', alias: string) => text({ format, alias });

const ADDRESS_TYPES = ['CalicoNodeIP', 'InternalIP', 'ExternalIP'];

/** Node: what a node says about itself. Allocation uses only its labels. */
export const node: Rules = {
  spec: object({
    bgp: object(
      {
        asNumber: scalar('asNumber'),
        ipv4Address: checked('cidrv4', 'IPv4Address'),
        ipv6Address: checked('cidrv6', 'IPv6Address'),
        ipv4IPIPTunnelAddr: checked('ipv4', 'IPv4IPIPTunnelAddr'),
        routeReflectorClusterID: checked('ipv4', 'RouteReflectorClusterID'),
      },
      { relations: [{ reason: 'Spec.BGP should not be empty', broken: (bgp) => Object.keys(bgp).length === 0 }] },
    ),
    ipv4VXLANTunnelAddr: checked('ipv4', 'IPv4VXLANTunnelAddr'),
    vxlanTunnelMACAddr: checked('mac', 'VXLANTunnelMACAddr'),
    ipv6VXLANTunnelAddr: checked('ipv6', 'IPv6VXLANTunnelAddr'),
    vxlanTunnelMACAddrV6: checked('mac', 'VXLANTunnelMACAddrV6'),
    orchRefs: list(object({ nodeName: text(), orchestrator: text() })),
    wireguard: object({
      interfaceIPv4Address: checked('ipv4', 'InterfaceIPv4Address'),
      interfaceIPv6Address: checked('ipv6', 'InterfaceIPv6Address'),
    }),
    addresses: list(object({ address: text({ format: 'cidrOrAddress' }), type: choice(ADDRESS_TYPES) })),
    interfaces: list(object({ name: text(), addresses: list(text()) })),
  }),
  status: object({ wireguardPublicKey: text(), wireguardPublicKeyV6: text(), podCIDRs: list(text()) }, { default: {} }),
};
