import type { Link } from '../../shared/netlink/link.ts';
import { felixNumber, felixText } from '../state/felix-settings.ts';
import type { NetworkState } from '../state/network-state.ts';
import { IPIP, type TunnelDevice, VXLAN } from '../state/tunnel-devices.ts';

/** The interfaces that Felix takes for those to other machines, unless its configuration names others. */
const USUAL = '^((en|wl|ww|sl|ib)[Pcopsvx].*|(eth|wlan|wwan).*)';
/** The smallest of the large clouds, for a machine that has no such interface. */
const UNKNOWN = 1460;

/** The MTU of pods, as Felix determines it: that of the machine's network without what tunnels need. */
export function podMtu(links: readonly Pick<Link, 'name' | 'mtu'>[], state: NetworkState): number {
  const host = hostMtu(links, felixText(state, 'mtuIfacePattern') || USUAL);
  const own = ({ mtu, overhead }: TunnelDevice) => felixNumber(state, mtu) ?? host - overhead;
  const tunnels = state.pools.flatMap(({ pool, ipipMode, vxlanMode }) => [
    ...(ipipMode === 'Never' ? [] : [own(IPIP)]),
    ...(vxlanMode === 'Never' ? [] : [own(VXLAN[pool.cidr.family])]),
  ]);
  return tunnels.length === 0 ? host : Math.min(...tunnels);
}

function hostMtu(links: readonly Pick<Link, 'name' | 'mtu'>[], pattern: string): number {
  const names = expression(pattern);
  const found = links.filter(({ name }) => names.test(name)).map(({ mtu }) => mtu);
  return found.length === 0 ? UNKNOWN : Math.min(...found);
}

/** A pattern that is none counts as the usual one. */
function expression(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch {
    return new RegExp(USUAL);
  }
}
