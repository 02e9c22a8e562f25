import { type Address, parseAddress } from '../../shared/net/address.ts';
import type { Spec } from '../state/network-state.ts';
import { type SecretRef, secretRefAt } from './secret-ref.ts';
import { asNumberOf, integerAt, restartSecondsAt, secondsAt, textAt, textsAt } from './values.ts';

/** A BGPPeer. */
export interface Peer {
  readonly name: string;
  /** The nodes that it is for; all when neither is given. */
  readonly node: string | undefined;
  readonly nodeSelector: string | undefined;
  /** The other side: nodes, or an address. */
  readonly peerSelector: string | undefined;
  readonly address: Address | undefined;
  readonly port: number | undefined;
  readonly asNumber: number | undefined;
  readonly localAs: number | undefined;
  readonly usesNodeAddress: boolean;
  readonly keepsNextHop: boolean;
  readonly nextHop: 'self' | 'keep' | undefined;
  readonly restartSeconds: number | undefined;
  readonly keepaliveSeconds: number | undefined;
  readonly password: SecretRef | undefined;
  readonly allowedLocalAs: number;
  readonly ttlSecurity: number;
  readonly reachableBy: Address | undefined;
  readonly filters: readonly string[];
  /** Whether nodes that it names as the other side speak to this side too, without a BGPPeer of theirs. */
  readonly isReversed: boolean;
}

const MOST_INT = 2 ** 31 - 1;

/** A BGPPeer from its spec, or why it is not used. */
export function peerOf(name: string, spec: Spec): Peer | string {
  const unused = (why: string): string => `BGPPeer ${name} is not used: ${why}`;
  if (textAt(spec, 'localWorkloadSelector') !== undefined) return unused('localWorkloadSelector is not supported');
  const peerSelector = textAt(spec, 'peerSelector');
  const given = textAt(spec, 'peerIP') ?? '';
  const at = peerSelector === undefined ? endpointOf(given) : undefined;
  if (peerSelector === undefined && at === undefined) {
    return unused(given === '' ? 'it has neither peerIP nor peerSelector' : 'its peerIP is not an address');
  }
  const reachableBy = parseAddress(textAt(spec, 'reachableBy') ?? '');
  if (textAt(spec, 'reachableBy') !== undefined && reachableBy?.family !== at?.address.family) {
    return unused('its reachableBy is not an address of the family of peerIP');
  }
  return { ...settingsOf(name, spec), peerSelector, address: at?.address, port: at?.port, reachableBy };
}

type Settings = Omit<Peer, 'peerSelector' | 'address' | 'port' | 'reachableBy'>;

function settingsOf(name: string, spec: Spec): Settings {
  const mode = textAt(spec, 'nextHopMode');
  return {
    name,
    node: textAt(spec, 'node'),
    nodeSelector: textAt(spec, 'nodeSelector'),
    asNumber: asNumberOf(spec['asNumber']),
    localAs: asNumberOf(spec['localASNumber']),
    usesNodeAddress: textAt(spec, 'sourceAddress') !== 'None',
    keepsNextHop: spec['keepOriginalNextHop'] === true,
    nextHop: mode === 'Self' ? 'self' : mode === 'Keep' ? 'keep' : undefined,
    restartSeconds: restartSecondsAt(spec, 'maxRestartTime'),
    keepaliveSeconds: secondsAt(spec, 'keepaliveTime', 1, 65_535),
    password: secretRefAt(spec, 'password'),
    allowedLocalAs: integerAt(spec, 'numAllowedLocalASNumbers', 1, MOST_INT) ?? 0,
    ttlSecurity: integerAt(spec, 'ttlSecurity', 1, 255) ?? 0,
    filters: textsAt(spec, 'filters'),
    isReversed: textAt(spec, 'reversePeering') !== 'Manual',
  };
}

interface Endpoint {
  readonly address: Address;
  readonly port: number | undefined;
}

/** `10.0.0.1`, `10.0.0.1:178`, `fd00::1` or `[fd00::1]:178`. */
function endpointOf(text: string): Endpoint | undefined {
  const bare = parseAddress(text);
  if (bare !== undefined) return { address: bare, port: undefined };
  const cut = text.lastIndexOf(':');
  const [host, port] = [text.slice(0, cut), text.slice(cut + 1)];
  const isBracketed = host.startsWith('[') && host.endsWith(']');
  const address = parseAddress(isBracketed ? host.slice(1, -1) : host);
  if (address === undefined || (address.family === 6) !== isBracketed) return undefined;
  return /^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536
    ? { address, port: Number(port) }
    : undefined;
}
