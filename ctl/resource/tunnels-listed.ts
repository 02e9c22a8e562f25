import type { Fields } from './resource.ts';
import { objectOf } from './shape.ts';

/** Addresses of a node's tunnels, as its Node resource's spec lists them; texts of any form. */
export function tunnelsListed(spec: Fields): readonly string[] {
  const wireguard = objectOf(spec['wireguard']) ?? {};
  const listed = [
    objectOf(spec['bgp'])?.['ipv4IPIPTunnelAddr'],
    spec['ipv4VXLANTunnelAddr'],
    spec['ipv6VXLANTunnelAddr'],
    wireguard['interfaceIPv4Address'],
    wireguard['interfaceIPv6Address'],
  ];
  return listed.filter((text): text is string => typeof text === 'string');
}
