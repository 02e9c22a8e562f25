import type { Family } from '../../shared/net/address.ts';
import type { NetworkState, NodeRouting } from '../state/network-state.ts';
import { byName } from './by-name.ts';
import { addressOfNode, PLAIN, type Session, waitsFor } from './session.ts';
import type { BgpSettings } from './settings.ts';

/** The sessions of the full mesh: with every node, except that route reflectors take no part in it. */
export function meshSessions(
  state: NetworkState,
  settings: BgpSettings,
  password: string | undefined,
): readonly Session[] {
  const own = state.nodes.get(state.node);
  if (own === undefined || !settings.mesh || own.routeReflectorClusterId !== undefined) return [];
  const others = [...state.nodes]
    .sort(byName)
    .map(([, node]) => node)
    .filter(({ name, routeReflectorClusterId }) => name !== own.name && routeReflectorClusterId === undefined);
  const sessions = others.flatMap((other) =>
    ([4, 6] as const).map((family) => meshSession(own, other, family, settings, password)),
  );
  return sessions.filter((session) => session !== undefined);
}

function meshSession(
  own: NodeRouting,
  other: NodeRouting,
  family: Family,
  settings: BgpSettings,
  password: string | undefined,
): Session | undefined {
  const [from, to] = [addressOfNode(own, family), addressOfNode(other, family)];
  if (from === undefined || to === undefined || from.text === to.text) return undefined;
  return {
    ...PLAIN,
    origin: 'Mesh',
    about: other.name,
    address: to,
    port: settings.portOf(other.name),
    asNumber: other.asNumber ?? settings.asNumber,
    localAs: own.asNumber ?? settings.asNumber,
    sourceAddress: from,
    isPassive: waitsFor(from, to),
    restartSeconds: settings.meshRestartSeconds,
    password,
  };
}
