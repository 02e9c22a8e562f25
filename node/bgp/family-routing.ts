import type { Address, Family } from '../../shared/net/address.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import type { NetworkState, Spec } from '../state/network-state.ts';
import type { Advertisement } from './advertisements.ts';
import { byName } from './by-name.ts';
import { addressOfNode, nameOf, type Session } from './session.ts';
import type { BgpSettings, Services } from './settings.ts';

/** What BIRD is told for IPv4 or for IPv6. */
export interface FamilyRouting {
  readonly family: Family;
  /** The only address to listen on; undefined for all. */
  readonly listenAddress: Address | undefined;
  readonly sessions: readonly Session[];
  readonly ownBlocks: readonly Cidr[];
  readonly services: Services;
  readonly pools: readonly RoutedPool[];
  readonly advertisements: readonly Advertisement[];
  /** Specs of the BGPFilters that sessions use, by name. */
  readonly filters: ReadonlyMap<string, Spec>;
}

/** An IPPool as routes see it. */
interface RoutedPool {
  readonly cidr: Cidr;
  /** Its packets between nodes take a tunnel, so that BIRD writes no routes for it. */
  readonly isTunnelled: boolean;
  readonly isExported: boolean;
}

export function familyOf(
  family: Family,
  state: NetworkState,
  settings: BgpSettings,
  sessions: readonly Session[],
): FamilyRouting {
  const is = (cidr: Cidr): boolean => cidr.family === family;
  const own = state.nodes.get(state.node);
  const ofFamily = sessions.filter(({ address }) => address.family === family);
  const used = new Set(ofFamily.flatMap(({ filters }) => filters));
  return {
    family,
    listenAddress: settings.isBound && own !== undefined ? addressOfNode(own, family) : undefined,
    sessions: ofFamily
      .map((session) => [nameOf(session), session] as const)
      .sort(byName)
      .map(([, session]) => session),
    ownBlocks: sortedCidrs(
      state.blocks.filter(({ node, cidr }) => node === state.node && is(cidr)).map(({ cidr }) => cidr),
    ),
    services: {
      announced: sortedCidrs(settings.services.announced.filter(is)),
      alone: sortedCidrs(settings.services.alone.filter(is)),
      keptOut: sortedCidrs(settings.services.keptOut.filter(is)),
    },
    pools: state.pools
      .filter(({ pool }) => is(pool.cidr))
      .map(({ pool, vxlanMode, ipipMode, disableBgpExport }) => ({
        cidr: pool.cidr,
        isTunnelled: vxlanMode !== 'Never' || ipipMode !== 'Never',
        isExported: !disableBgpExport,
      }))
      .sort((a, b) => compareCidrs(a.cidr, b.cidr)),
    advertisements: settings.advertisements.filter(({ cidr }) => is(cidr)),
    filters: new Map([...state.bgpFilters].filter(([name]) => used.has(name)).sort(byName)),
  };
}

const compareCidrs = (a: Cidr, b: Cidr): number => (a.base === b.base ? a.length - b.length : a.base < b.base ? -1 : 1);

const sortedCidrs = (cidrs: readonly Cidr[]): readonly Cidr[] => [...cidrs].sort(compareCidrs);
