import { parseAddress } from '../../shared/net/address.ts';
import { parseCidr } from '../../shared/net/cidr.ts';
import { type Fault, tagged } from './fault.ts';
import type { Fields } from './resource.ts';
import type { Rules } from './rules.ts';
import { objectOf } from './shape.ts';

/** Node: what a node says of itself; allocation looks at its labels alone. */
export const node: Rules = {
  shape: {
    bgp: {
      asNumber: 'any',
      ipv4Address: 'string',
      ipv6Address: 'string',
      ipv4IPIPTunnelAddr: 'string',
      routeReflectorClusterID: 'string',
    },
    ipv4VXLANTunnelAddr: 'string',
    vxlanTunnelMACAddr: 'string',
    ipv6VXLANTunnelAddr: 'string',
    vxlanTunnelMACAddrV6: 'string',
    orchRefs: [{ nodeName: 'string', orchestrator: 'string' }],
    wireguard: { interfaceIPv4Address: 'string', interfaceIPv6Address: 'string' },
    addresses: [{ address: 'string', type: 'string' }],
    interfaces: [{ name: 'string', addresses: ['string'] }],
  },
  status: { wireguardPublicKey: 'string', wireguardPublicKeyV6: 'string', podCIDRs: ['string'] },
  faults: ({ spec = {} }) => {
    const bgp = objectOf(spec['bgp']) ?? {};
    const wireguard = objectOf(spec['wireguard']) ?? {};
    return [
      ...check(bgp, 'ipv4Address', 'IPv4Address', 'cidrv4'),
      ...check(bgp, 'ipv6Address', 'IPv6Address', 'cidrv6'),
      ...check(bgp, 'ipv4IPIPTunnelAddr', 'IPv4IPIPTunnelAddr', 'ipv4'),
      ...check(bgp, 'routeReflectorClusterID', 'RouteReflectorClusterID', 'ipv4'),
      ...check(spec, 'ipv4VXLANTunnelAddr', 'IPv4VXLANTunnelAddr', 'ipv4'),
      ...check(spec, 'ipv6VXLANTunnelAddr', 'IPv6VXLANTunnelAddr', 'ipv6'),
      ...check(spec, 'vxlanTunnelMACAddr', 'VXLANTunnelMACAddr', 'mac'),
      ...check(spec, 'vxlanTunnelMACAddrV6', 'VXLANTunnelMACAddrV6', 'mac'),
      ...check(wireguard, 'interfaceIPv4Address', 'InterfaceIPv4Address', 'ipv4'),
      ...check(wireguard, 'interfaceIPv6Address', 'InterfaceIPv6Address', 'ipv6'),
      ...asNumberFaults(bgp['asNumber']),
    ];
  },
};

const TAGS = {
  cidrv4: (text: string) => (parseCidr(text) ?? parseAddress(text))?.family === 4,
  cidrv6: (text: string) => (parseCidr(text) ?? parseAddress(text))?.family === 6,
  ipv4: (text: string) => parseAddress(text)?.family === 4,
  ipv6: (text: string) => parseAddress(text)?.family === 6,
  mac: (text: string) => /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text),
} as const;

function check(fields: Fields, name: string, field: string, tag: keyof typeof TAGS): readonly Fault[] {
  const value = String(fields[name] ?? '');
  return value === '' || TAGS[tag](value) ? [] : [tagged(field, value, tag)];
}

/** A number of 32 bits, or two of 16 with a dot between. */
function asNumberFaults(value: unknown): readonly Fault[] {
  if (value === undefined || value === null) return [];
  const invalid = (shown: object) => [{ field: 'spec.bgp.asNumber', ...shown, reason: 'invalid AS Number' }];
  if (typeof value === 'object' || typeof value === 'boolean') return invalid({});
  const parts = String(value).split('.');
  const most = parts.length === 2 ? 0xffff : 0xffffffff;
  const isNumber = parts.length <= 2 && parts.every((part) => /^\d{1,10}$/.test(part) && Number(part) <= most);
  return isNumber ? [] : invalid({ value });
}
