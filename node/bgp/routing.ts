import { sha256 } from '../../shared/bytes/hash.ts';
import { type Address, type Family, parseAddress } from '../../shared/net/address.ts';
import type { NetworkState } from '../state/network-state.ts';
import { byName } from './by-name.ts';
import { type FamilyRouting, familyOf } from './family-routing.ts';
import { meshSessions } from './mesh.ts';
import { type Peer, peerOf } from './peer.ts';
import { peerSessions } from './peer-sessions.ts';
import {
  doubled,
  hasUsablePassword,
  unknownFilters,
  unreadPasswords,
  unusableClusterId,
  unusablePassword,
} from './problems.ts';
import { type Passwords, type SecretRef, secretText } from './secret-ref.ts';
import type { Session } from './session.ts';
import { type BgpSettings, bgpSettings, type Logging } from './settings.ts';

/** All that BIRD is told on one node. */
export interface Routing {
  readonly routerId: string;
  readonly localAs: number;
  readonly port: number | undefined;
  readonly logging: Logging;
  readonly ignoredInterfaces: readonly string[];
  readonly families: Readonly<Record<Family, FamilyRouting>>;
  /** What cannot be done as it is stored, in sentences. */
  readonly problems: readonly string[];
}

/** `routerId`: an address, or `hash` for one made of the node's name; the node's IPv4 address if not given. */
export function routingOf(state: NetworkState, passwords: Passwords, routerId?: string): Routing {
  const settings = bgpSettings(state);
  const own = state.nodes.get(state.node);
  const read = [...state.bgpPeers].sort(byName).map(([name, spec]) => peerOf(name, spec));
  const peers = read.filter((peer) => typeof peer === 'object');
  const wanted = wantedSessions(state, settings, peers, passwords);
  const excess = doubled(wanted);
  const sessions = wanted.filter((session) => hasUsablePassword(session) && !excess.includes(session));
  return {
    routerId: routerIdOf(own?.ipv4Address, state.node, routerId),
    localAs: own?.asNumber ?? settings.asNumber,
    port: settings.portOf(state.node),
    logging: settings.logging,
    ignoredInterfaces: settings.ignoredInterfaces,
    families: { 4: familyOf(4, state, settings, sessions), 6: familyOf(6, state, settings, sessions) },
    problems: [
      ...read.filter((peer) => typeof peer === 'string'),
      ...unreadPasswords(settings, peers, passwords),
      ...wanted.filter((session) => !hasUsablePassword(session)).map(unusablePassword),
      ...excess.map(
        ({ about, address }) => `no BGP session with ${about}: another one has its address ${address.text}`,
      ),
      ...unknownFilters(sessions, state),
      ...unusableClusterId(own),
    ],
  };
}

function wantedSessions(
  state: NetworkState,
  settings: BgpSettings,
  peers: readonly Peer[],
  passwords: Passwords,
): readonly Session[] {
  const read = (ref: SecretRef | undefined): string | undefined => ref && passwords.get(secretText(ref));
  return [
    ...meshSessions(state, settings, read(settings.meshPassword)),
    ...peerSessions(state, settings, peers, ({ password }) => read(password)),
  ];
}

function routerIdOf(address: Address | undefined, node: string, given: string | undefined): string {
  const fixed = parseAddress(given ?? '');
  if (fixed?.family === 4) return fixed.text;
  return given === 'hash' || address === undefined ? hashedId(node) : address.text;
}

/** A router id must not be a multicast address, nor one of 0.0.0.0/8. */
function hashedId(node: string): string {
  const digits = sha256(node);
  const [first = 0, ...rest] = [0, 2, 4, 6].map((at) => Number.parseInt(digits.slice(at, at + 2), 16));
  return [first > 223 ? first - 32 : Math.max(first, 1), ...rest].join('.');
}
