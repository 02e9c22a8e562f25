import type { Fields } from './resource.ts';
import { objectOf } from './shape.ts';

/** A tunnel's address as a Node resource lists it. */
export interface TunnelListed {
  /** Of any form. */
  readonly text: string;
  /** The handle that calico/node takes it under. */
  readonly handleID: string;
  /** What the allocation's attributes say in `type`. */
  readonly type: string;
}

/** Addresses of a node's tunnels, as its Node resource's spec lists them. */
export function tunnelsListed(node: string, spec: Fields): readonly TunnelListed[] {
  const wireguard = objectOf(spec['wireguard']) ?? {};
  const listed = [
    [objectOf(spec['bgp'])?.['ipv4IPIPTunnelAddr'], 'ipip', 'ipipTunnelAddress'],
    [spec['ipv4VXLANTunnelAddr'], 'vxlan', 'vxlanTunnelAddress'],
    [spec['ipv6VXLANTunnelAddr'], 'vxlan-v6', 'vxlanV6TunnelAddress'],
    [wireguard['interfaceIPv4Address'], 'wireguard', 'wireguardTunnelAddress'],
    [wireguard['interfaceIPv6Address'], 'wireguard-v6', 'wireguardV6TunnelAddress'],
  ] as const;
  return listed.flatMap(([text, kind, type]) =>
    typeof text === 'string' ? { text, handleID: `${kind}-tunnel-addr-${node}`, type } : [],
  );
}
