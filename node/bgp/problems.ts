import { utf8Length } from '../../shared/bytes/text.ts';
import type { NetworkState, NodeRouting } from '../state/network-state.ts';
import type { Peer } from './peer.ts';
import { type Passwords, type SecretRef, secretText } from './secret-ref.ts';
import { clusterIdOf, nameOf, type Session } from './session.ts';
import type { BgpSettings } from './settings.ts';

/** What TCP's signatures can hold. */
const LONGEST_PASSWORD = 80;
/** BIRD's texts have no way to write a quotation mark or a line's end. */
const WRITABLE = /^[^"\n\r\0]+$/;

/** Whether BIRD can be told the password of a session. */
export const hasUsablePassword = ({ password }: Session): boolean =>
  password === undefined || (WRITABLE.test(password) && utf8Length(password) <= LONGEST_PASSWORD);

export function unusablePassword({ about, password = '' }: Session): string {
  const why = WRITABLE.test(password)
    ? `is longer than ${LONGEST_PASSWORD} bytes`
    : 'is empty, or has a quotation mark or a line break, which BIRD cannot be told';
  return `no BGP session with ${about}: its password ${why}`;
}

/** Passwords that could not be read: as in the original, the sessions go on without. */
export function unreadPasswords(
  settings: BgpSettings,
  peers: readonly Peer[],
  passwords: Passwords,
): readonly string[] {
  const unread = (ref: SecretRef | undefined, of: string): readonly string[] =>
    ref === undefined || passwords.has(secretText(ref))
      ? []
      : [`the password of ${of} (secret ${ref.name}, key ${ref.key}) cannot be read: its sessions have none`];
  return [
    ...unread(settings.meshPassword, 'the node-to-node mesh'),
    ...peers.flatMap((peer) => unread(peer.password, `BGPPeer ${peer.name}`)),
  ];
}

export function unknownFilters(sessions: readonly Session[], state: NetworkState): readonly string[] {
  const names = new Set(sessions.flatMap(({ filters }) => filters));
  return [...names].filter((name) => !state.bgpFilters.has(name)).map((name) => `there is no BGPFilter ${name}`);
}

/** The sessions to leave out, because an earlier one has the same name in BIRD: that of another node with the same address. */
export function doubled(sessions: readonly Session[]): readonly Session[] {
  const names = new Set<string>();
  return sessions.filter((session) => {
    const name = nameOf(session);
    const has = names.has(name);
    names.add(name);
    return has;
  });
}

export function unusableClusterId(own: NodeRouting | undefined): readonly string[] {
  const id = own?.routeReflectorClusterId;
  if (own === undefined || id === undefined || clusterIdOf(own) !== undefined) return [];
  return [
    `routeReflectorClusterID ${JSON.stringify(id)} of node ${own.name} is not an IPv4 address: it reflects no routes`,
  ];
}
