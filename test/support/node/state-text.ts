import type {
  BlockRouting,
  NetworkState,
  NodeRouting,
  PoolRouting,
  Spec,
  TunnelMode,
} from '../../../node/state/network-state.ts';
import { parseAddress } from '../../../shared/net/address.ts';
import { parseCidr } from '../../../shared/net/cidr.ts';

/** A NetworkState in short, as JSON. */
export interface StateText {
  readonly node: string;
  readonly nodes?: readonly NodeText[];
  readonly pools?: readonly PoolText[];
  readonly blocks?: readonly BlockText[];
  /** Specs by name. */
  readonly bgp?: Readonly<Record<'configurations' | 'peers', Readonly<Record<string, Spec>>>>;
  /** The default FelixConfiguration. */
  readonly felix?: Spec;
}

interface NodeText {
  readonly name: string;
  /** With a prefix length. */
  readonly ipv4?: string;
  readonly ipv6?: string;
  readonly tunnel4?: string;
  readonly tunnel6?: string;
}

export interface PoolText {
  readonly cidr: string;
  readonly nat?: boolean;
  readonly vxlan?: TunnelMode;
  readonly ipip?: TunnelMode;
}

export interface BlockText {
  readonly cidr: string;
  readonly node: string;
  readonly borrowed?: readonly { readonly address: string; readonly node: string }[];
}

export const stateOf = ({ node, nodes = [], pools = [], blocks = [], felix, bgp }: StateText): NetworkState => ({
  node,
  nodes: new Map(nodes.map((each) => [each.name, nodeOf(each)])),
  pools: pools.map(poolOf),
  blocks: blocks.flatMap(blockOf),
  bgpConfigurations: new Map(Object.entries(bgp?.configurations ?? {})),
  bgpPeers: new Map(Object.entries(bgp?.peers ?? {})),
  bgpFilters: new Map(),
  felixConfigurations: new Map(felix === undefined ? [] : [['default', felix]]),
  services: [],
});

const networkOf = (text: string | undefined) => (text === undefined ? undefined : parseCidr(text));
const addressOf = (text: string | undefined) =>
  text === undefined ? undefined : parseAddress(text.split('/')[0] ?? '');

const nodeOf = ({ name, ipv4, ipv6, tunnel4, tunnel6 }: NodeText): NodeRouting => ({
  name,
  labels: {},
  ipv4: networkOf(ipv4),
  ipv4Address: addressOf(ipv4),
  ipv6: networkOf(ipv6),
  ipv6Address: addressOf(ipv6),
  asNumber: undefined,
  routeReflectorClusterId: undefined,
  vxlanTunnelIpv4: addressOf(tunnel4),
  vxlanTunnelMac: undefined,
  vxlanTunnelIpv6: addressOf(tunnel6),
  vxlanTunnelMacIpv6: undefined,
  ipipTunnelIpv4: undefined,
});

function poolOf({ cidr: text, nat = false, vxlan = 'Never', ipip = 'Never' }: PoolText): PoolRouting {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new Error(`${text} is no network`);
  const pool = {
    name: text,
    cidr,
    blockSize: cidr.family === 4 ? 26 : 122,
    nodeSelector: 'all()',
    namespaceSelector: '',
    allowedUses: ['Workload', 'Tunnel'],
    automatic: true,
    enabled: true,
  };
  return { pool, vxlanMode: vxlan, ipipMode: ipip, natOutgoing: nat, disableBgpExport: false };
}

function blockOf({ cidr: text, node, borrowed = [] }: BlockText): readonly BlockRouting[] {
  const cidr = parseCidr(text);
  if (cidr === undefined) return [];
  const loans = borrowed.flatMap((loan) => {
    const address = parseAddress(loan.address);
    return address === undefined ? [] : [{ address, node: loan.node }];
  });
  return [{ cidr, node, borrowed: loans }];
}
