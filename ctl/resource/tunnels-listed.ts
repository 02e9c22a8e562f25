import type { Fields } from './resource.ts';
import { objectOf } from './shape.ts';

/** A tunnel's address as a Node resource lists it. */
export interface TunnelListed {
  /** In any spelling. */
  readonly text: string;
  /** The handle under which calico/node allocates it. */
  readonly handleID: string;
  /** The `type` in the allocation's attributes. */
  readonly type: string;
}

/** The tunnel addresses that a Node's spec lists. */
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
