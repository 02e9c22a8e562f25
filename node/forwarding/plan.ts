import { type Address, addressBits, type Family, parseAddress } from '../../shared/net/address.ts';
import { type Cidr, network } from '../../shared/net/cidr.ts';
import { felixText } from '../state/felix-settings.ts';
import type { NetworkState, PoolRouting } from '../state/network-state.ts';
import { IPIP, VXLAN } from '../state/tunnel-devices.ts';
import { hostAddress } from '../tunnel/vtep.ts';

/** How packets of pods are forwarded, for one family of addresses that has pools. */
export interface ForwardingPlan {
  readonly family: Family;
  /** Whether this machine is to forward packets: not if FelixConfiguration leaves that to the administrator. */
  readonly forwards: boolean;
  /** What the names of pods' interfaces begin with. */
  readonly prefixes: readonly string[];
  /** Undefined where no source is to be replaced. */
  readonly nat: NatPlan | undefined;
}

/** Which packets leave with another source. */
export interface NatPlan {
  readonly family: Family;
  /** Pools with outgoing NAT. */
  readonly pools: readonly Cidr[];
  /** Destinations to which their packets keep their source: all pools, and the nodes if FelixConfiguration says so. */
  readonly inside: readonly Cidr[];
  /** The new source; the address of the interface that the packet leaves by if undefined. */
  readonly address: Address | undefined;
  readonly ports: readonly [first: number, last: number] | undefined;
  /** Only through interfaces of this name, which may end with `+`; '' for any. */
  readonly outInterface: string;
  /** Tunnels: what this machine sends through them has their address as its source, so that answers come back the same way. */
  readonly tunnels: readonly string[];
}

/** The plan for each family that has pools. */
export const forwardingPlans = (state: NetworkState): readonly ForwardingPlan[] =>
  ([4, 6] as const).flatMap((family) => planOf(state, family) ?? []);

function planOf(state: NetworkState, family: Family): ForwardingPlan | undefined {
  const pools = state.pools.filter(({ pool }) => pool.cidr.family === family);
  if (pools.length === 0) return undefined;
  const prefixes = (felixText(state, 'interfacePrefix') || 'cali').split(',').map((prefix) => prefix.trim());
  return {
    family,
    forwards: felixText(state, 'ipForwarding') !== 'Disabled',
    prefixes: prefixes.filter((prefix) => prefix !== ''),
    nat: natOf(state, family, pools),
  };
}

function natOf(state: NetworkState, family: Family, pools: readonly PoolRouting[]): NatPlan | undefined {
  const translated = pools.filter(({ natOutgoing }) => natOutgoing).map(({ pool }) => pool.cidr);
  const tunnels = tunnelsOf(family, pools);
  if (translated.length === 0 && tunnels.length === 0) return undefined;
  const keepsToNodes = felixText(state, 'natOutgoingExclusions') === 'IPPoolsAndHostIPs';
  const address = parseAddress(felixText(state, 'natOutgoingAddress'));
  return {
    family,
    pools: translated,
    inside: [...pools.map(({ pool }) => pool.cidr), ...(keepsToNodes ? addressesOf(state.nodes, family) : [])],
    address: address?.family === family ? address : undefined,
    ports: portsOf(felixText(state, 'natPortRange')),
    outInterface: felixText(state, 'iptablesNATOutgoingInterfaceFilter'),
    tunnels,
  };
}

function tunnelsOf(family: Family, pools: readonly PoolRouting[]): readonly string[] {
  const vxlan = pools.some(({ vxlanMode }) => vxlanMode !== 'Never');
  const ipip = family === 4 && pools.some(({ ipipMode }) => ipipMode !== 'Never');
  return [...(vxlan ? [VXLAN[family].name] : []), ...(ipip ? [IPIP.name] : [])];
}

const addressesOf = (nodes: NetworkState['nodes'], family: Family): readonly Cidr[] =>
  [...nodes.values()]
    .flatMap((node) => hostAddress(node, family) ?? [])
    .map(({ value }) => network(family, value, addressBits(family)));

const HIGHEST_PORT = 65535;

/** The ports in Calico's `32768:65535`, or a single one. */
function portsOf(text: string): NatPlan['ports'] {
  const [first = 0, last = first, ...rest] = text.split(':').map(Number);
  const isRange = rest.length === 0 && first > 0 && first <= last && last <= HIGHEST_PORT;
  return isRange ? [first, last] : undefined;
}
