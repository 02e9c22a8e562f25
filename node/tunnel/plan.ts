import type { Address, Family } from '../../shared/net/address.ts';
import { felixNumber } from '../state/felix-settings.ts';
import type { NetworkState } from '../state/network-state.ts';
import { IPIP, VXLAN } from '../state/tunnel-devices.ts';
import { type TunnelRoute, tunnelRoutes } from './routes.ts';
import { hostAddress, type Vtep, vtepOf } from './vtep.ts';

/** What one family's tunnels on this machine are to be. */
export interface TunnelPlan {
  readonly family: Family;
  /** Undefined where no pool uses VXLAN. */
  readonly vxlan: VxlanPlan | undefined;
  /** Whether a pool uses IPIP; its device's MTU, or undefined for what its parent leaves. */
  readonly ipip: { readonly address: Address | undefined; readonly mtu: number | undefined } | undefined;
  /** This machine's address: its interface is the way to the other machines. */
  readonly host: Address | undefined;
  /** By destination. */
  readonly routes: ReadonlyMap<string, TunnelRoute>;
}

export interface VxlanPlan {
  readonly name: string;
  readonly id: number;
  readonly port: number;
  /** Undefined: what the parent's leaves. */
  readonly mtu: number | undefined;
  /** What a packet grows by. */
  readonly overhead: number;
  /** This machine's end; undefined as long as it has no tunnel address. */
  readonly own: Vtep | undefined;
  /** The other machines' ends, by MAC. */
  readonly others: ReadonlyMap<string, Vtep>;
}

const USUAL_ID = 4096;
const USUAL_PORT = 4789;

export function tunnelPlan(state: NetworkState, family: Family): TunnelPlan {
  const pools = state.pools.filter(({ pool }) => pool.cidr.family === family);
  const own = state.nodes.get(state.node);
  const hasVxlan = pools.some(({ vxlanMode }) => vxlanMode !== 'Never');
  const hasIpip = pools.some(({ ipipMode }) => ipipMode !== 'Never');
  return {
    family,
    vxlan: hasVxlan ? vxlanPlan(state, family) : undefined,
    ipip: hasIpip ? { address: own?.ipipTunnelIpv4, mtu: felixNumber(state, IPIP.mtu) } : undefined,
    host: own === undefined ? undefined : hostAddress(own, family),
    routes: hasVxlan || hasIpip ? tunnelRoutes(state, family) : new Map(),
  };
}

function vxlanPlan(state: NetworkState, family: Family): VxlanPlan {
  const { name, overhead, mtu } = VXLAN[family];
  const own = state.nodes.get(state.node);
  const others = new Map<string, Vtep>();
  for (const node of state.nodes.values()) {
    const vtep = node.name === state.node ? undefined : vtepOf(node, family);
    if (vtep !== undefined) others.set(vtep.mac, vtep);
  }
  return {
    name,
    overhead,
    id: felixNumber(state, 'vxlanVNI') ?? USUAL_ID,
    port: felixNumber(state, 'vxlanPort') ?? USUAL_PORT,
    mtu: felixNumber(state, mtu),
    own: own === undefined ? undefined : vtepOf(own, family),
    others,
  };
}
