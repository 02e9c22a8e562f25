import type { BlockRouting, NetworkState, NodeRouting, PoolRouting, Spec } from '../../../node/state/network-state.ts';
import { parseAddress } from '../../../shared/net/address.ts';
import { cidr } from '../inputs/cidr.ts';

interface NodeGiven extends Partial<Omit<NodeRouting, 'name' | 'ipv4' | 'ipv6'>> {
  readonly ipv4?: string;
  readonly ipv6?: string;
}

interface PoolGiven extends Partial<Omit<PoolRouting, 'pool'>> {
  readonly cidr: string;
}

interface Given {
  readonly node?: string;
  readonly nodes?: Readonly<Record<string, NodeGiven>>;
  readonly pools?: readonly PoolGiven[];
  /** Blocks by CIDR: the node that has it. */
  readonly blocks?: Readonly<Record<string, string>>;
  readonly configurations?: Readonly<Record<string, Spec>>;
  readonly peers?: Readonly<Record<string, Spec>>;
  readonly filters?: Readonly<Record<string, Spec>>;
}

/** What routing is computed from, as node1 sees it unless another node is named. */
export const network = (given: Given = {}): NetworkState => ({
  node: given.node ?? 'node1',
  nodes: new Map(Object.entries(given.nodes ?? {}).map(([name, node]) => [name, nodeRouting(name, node)])),
  pools: (given.pools ?? []).map(poolRouting),
  blocks: Object.entries(given.blocks ?? {}).map(
    ([text, node]): BlockRouting => ({ cidr: cidr(text), node, borrowed: [] }),
  ),
  bgpConfigurations: new Map(Object.entries(given.configurations ?? {})),
  bgpPeers: new Map(Object.entries(given.peers ?? {})),
  bgpFilters: new Map(Object.entries(given.filters ?? {})),
  felixConfigurations: new Map(),
});

function nodeRouting(name: string, { ipv4, ipv6, ...rest }: NodeGiven): NodeRouting {
  return {
    name,
    labels: {},
    ipv4: ipv4 === undefined ? undefined : cidr(ipv4),
    ipv4Address: parseAddress(ipv4?.split('/')[0] ?? ''),
    ipv6: ipv6 === undefined ? undefined : cidr(ipv6),
    ipv6Address: parseAddress(ipv6?.split('/')[0] ?? ''),
    asNumber: undefined,
    routeReflectorClusterId: undefined,
    vxlanTunnelIpv4: undefined,
    vxlanTunnelMac: undefined,
    vxlanTunnelIpv6: undefined,
    vxlanTunnelMacIpv6: undefined,
    ipipTunnelIpv4: undefined,
    ...rest,
  };
}

const poolRouting = ({ cidr: text, ...rest }: PoolGiven): PoolRouting => ({
  pool: {
    name: text,
    cidr: cidr(text),
    blockSize: text.includes(':') ? 122 : 26,
    nodeSelector: 'all()',
    namespaceSelector: '',
    allowedUses: ['Workload', 'Tunnel'],
    automatic: true,
    enabled: true,
  },
  vxlanMode: 'Never',
  ipipMode: 'Never',
  natOutgoing: false,
  disableBgpExport: false,
  ...rest,
});
