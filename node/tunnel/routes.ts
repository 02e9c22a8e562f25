import { type Address, addressBits, type Family } from '../../shared/net/address.ts';
import { type Cidr, contains, containsCidr } from '../../shared/net/cidr.ts';
import type { BlockRouting, NetworkState, NodeRouting, PoolRouting } from '../state/network-state.ts';
import { hostAddress, vxlanAddress } from './vtep.ts';

/** Where packets to a destination go: into a tunnel, straight to the other machine, or nowhere if no pod has the address. */
export type RouteOver = 'vxlan' | 'ipip' | 'parent' | 'nowhere';

/** A route that this program makes. */
export interface TunnelRoute {
  /** Address and prefix length. */
  readonly dst: string;
  readonly over: RouteOver;
  /** The next hop; '' without one. */
  readonly via: string;
}

/** The routes of pools with tunnels, by destination. Of pools without, BIRD makes them. */
export function tunnelRoutes(state: NetworkState, family: Family): ReadonlyMap<string, TunnelRoute> {
  const own = state.nodes.get(state.node);
  const pools = state.pools.filter(({ pool }) => pool.cidr.family === family);
  const routes = new Map<string, TunnelRoute>();
  const add = (route: TunnelRoute | undefined) => {
    if (route !== undefined) routes.set(route.dst, route);
  };
  for (const block of state.blocks) {
    if (block.cidr.family !== family) continue;
    const pool = tunnelled(pools, block);
    if (pool === undefined) continue;
    if (block.node === state.node) add(nowhere(block));
    else add(reaching(state, own, pool, { node: block.node, dst: block.cidr }));
    for (const { address, node } of block.borrowed) {
      if (node !== state.node) add(reaching(state, own, pool, { node, dst: alone(address) }));
    }
  }
  return routes;
}

/** The pool of a block, if it uses a tunnel. */
function tunnelled(pools: readonly PoolRouting[], { cidr }: BlockRouting): PoolRouting | undefined {
  const found = pools.find(({ pool }) => containsCidr(pool.cidr, cidr));
  return found === undefined || (found.vxlanMode === 'Never' && found.ipipMode === 'Never') ? undefined : found;
}

/** What no pod of an own block takes is not sent back to the network. A block of one address is a pod's route. */
const nowhere = ({ cidr }: BlockRouting): TunnelRoute | undefined =>
  cidr.length === addressBits(cidr.family) ? undefined : { dst: cidr.text, over: 'nowhere', via: '' };

type Destination = Pick<Cidr, 'family' | 'text' | 'length'>;

const alone = ({ family, text }: Address): Destination => {
  const length = addressBits(family);
  return { family, length, text: `${text}/${length}` };
};

function reaching(
  { nodes }: NetworkState,
  own: NodeRouting | undefined,
  { vxlanMode, ipipMode }: PoolRouting,
  to: { readonly node: string | undefined; readonly dst: Destination },
): TunnelRoute | undefined {
  const { family, text: dst, length } = to.dst;
  const node = to.node === undefined ? undefined : nodes.get(to.node);
  const host = node === undefined ? undefined : hostAddress(node, family);
  if (node === undefined || host === undefined) return undefined;
  const isCross = vxlanMode === 'CrossSubnet' || ipipMode === 'CrossSubnet';
  if (isCross && isBeside(own, host)) return { dst, over: 'parent', via: host.text };
  if (vxlanMode === 'Never') return { dst, over: 'ipip', via: host.text };
  const tunnel = vxlanAddress(node, family);
  if (tunnel === undefined) return undefined;
  // The end of a tunnel cannot be its own next hop, if no block of its node leads to it.
  const isEnd = length === addressBits(family) && dst.startsWith(`${tunnel.text}/`);
  return { dst, over: 'vxlan', via: isEnd ? '' : tunnel.text };
}

/** Whether a machine is in this machine's own network. */
function isBeside(own: NodeRouting | undefined, host: Address): boolean {
  const network = host.family === 4 ? own?.ipv4 : own?.ipv6;
  return network !== undefined && contains(network, host);
}
