import { parseAddress } from '../../shared/net/address.ts';
import type { Fields } from '../resource/resource.ts';
import { peerFamily } from '../schema/addresses.ts';
import { choice, flag, integer, list, object, type Relation, scalar, text } from '../schema/type.ts';
import { bgpPassword } from './bgp-password.ts';
import type { Rules } from './rules.ts';
import { selector } from './selector.ts';

const besides = (at: string, field: string, name: string, other: string): Relation => ({
  at,
  reason: `${name} field must be empty when ${other.charAt(0).toUpperCase()}${other.slice(1)} is specified`,
  broken: (spec: Fields) => Boolean(spec[field]) && Boolean(spec[other]),
});

const RELATIONS: readonly Relation[] = [
  besides('node', 'node', 'Node', 'nodeSelector'),
  besides('peerIP', 'peerIP', 'PeerIP', 'peerSelector'),
  besides('asNumber', 'asNumber', 'ASNumber', 'peerSelector'),
  besides('peerIP', 'peerIP', 'PeerIP', 'localWorkloadSelector'),
  besides('peerSelector', 'peerSelector', 'PeerSelector', 'localWorkloadSelector'),
  {
    at: 'asNumber',
    reason: 'ASNumber field must NOT be empty when LocalWorkloadSelector is specified',
    broken: ({ asNumber, localWorkloadSelector }) => Boolean(localWorkloadSelector) && !asNumber,
  },
  {
    at: 'reachableBy',
    reason: 'ReachablyBy field must be empty when PeerIP is empty',
    broken: ({ reachableBy, peerIP }) => Boolean(reachableBy) && !peerIP,
  },
  {
    at: 'reachableBy',
    reason: 'ReachableBy and PeerIP address family mismatched',
    broken: ({ reachableBy, peerIP }) =>
      Boolean(reachableBy) &&
      Boolean(peerIP) &&
      parseAddress(String(reachableBy))?.family !== peerFamily(String(peerIP)),
  },
  {
    at: 'keepOriginalNextHop',
    reason: 'The KeepOriginalNextHop field is deprecated. It must not be set to true when NextHopMode is configured.',
    broken: ({ keepOriginalNextHop, nextHopMode }) => keepOriginalNextHop === true && Boolean(nextHopMode),
  },
];

/** BGPPeer: a router that nodes exchange routes with. */
export const bgpPeer: Rules = {
  spec: object(
    {
      node: text({ format: 'name', max: 253 }),
      nodeSelector: selector,
      peerIP: text({ format: 'IP:port', max: 64 }),
      asNumber: scalar('asNumber', { omitZero: true }),
      localASNumber: scalar('asNumber'),
      peerSelector: selector,
      keepOriginalNextHop: flag({ omitZero: true }),
      password: bgpPassword,
      sourceAddress: choice(['UseNodeIP', 'None']),
      maxRestartTime: scalar('duration'),
      keepaliveTime: scalar('duration'),
      numAllowedLocalASNumbers: integer({ min: 0, max: 2 ** 31 - 1 }),
      ttlSecurity: integer({ min: 0, max: 255 }),
      filters: list(text({ format: 'name' })),
      reachableBy: text({ format: 'ip' }),
      localWorkloadSelector: selector,
      reversePeering: choice(['Auto', 'Manual']),
      nextHopMode: choice(['Auto', 'Self', 'Keep']),
    },
    { relations: RELATIONS },
  ),
};
