import type { Address, Family } from '../../shared/net/address.ts';
import type { NetworkState, NodeRouting } from '../state/network-state.ts';
import { type Nodes, nodesMatching } from './nodes.ts';
import type { Peer } from './peer.ts';
import { addressOfNode, clusterIdOf, type Origin, type Session, waitsFor } from './session.ts';
import type { BgpSettings } from './settings.ts';

/** The other side of a session. */
interface Target {
  readonly about: string;
  readonly address: Address;
  readonly port: number | undefined;
  readonly asNumber: number;
  readonly clusterId: string | undefined;
  readonly isNode: boolean;
}

/**
 * The sessions that BGPPeers give this node: of those for all nodes, then of those for this node, then of those whose other side
 * this node is. Of two to one address and port the first counts.
 */
export function peerSessions(
  state: NetworkState,
  settings: BgpSettings,
  peers: readonly Peer[],
  passwordOf: (peer: Peer) => string | undefined,
): readonly Session[] {
  const own = state.nodes.get(state.node);
  if (own === undefined) return [];
  const nodes = nodesMatching(state, settings);
  const found = new Map<string, Session>();
  const add = (origin: Origin, peer: Peer, targets: readonly Target[]): void => {
    for (const target of targets) {
      const place = `${target.address.text} ${target.port}`;
      const session = sessionOf({ origin, own, peer, target, settings }, passwordOf(peer));
      if (session !== undefined && !found.has(place)) found.set(place, session);
    }
  };
  const isGlobal = (peer: Peer): boolean => peer.node === undefined && peer.nodeSelector === undefined;
  for (const peer of peers.filter(isGlobal)) add('Global', peer, targetsOf(peer, nodes, settings));
  for (const peer of peers.filter((each) => !isGlobal(each) && nodes.isFor(each, own))) {
    add('Node', peer, targetsOf(peer, nodes, settings));
  }
  for (const peer of peers.filter((each) => each.isReversed && nodes.isOtherSide(each, own))) {
    const families = peer.address === undefined ? ([4, 6] as const) : [peer.address.family];
    add('Node', peer, nodeTargets(nodes.firstSide(peer), families, settings));
  }
  return [...found.values()];
}

function targetsOf(peer: Peer, nodes: Nodes, settings: BgpSettings): readonly Target[] {
  const { address } = peer;
  if (address === undefined) return nodeTargets(nodes.selected(peer.peerSelector ?? ''), [4, 6], settings);
  const [node] = nodes.at(peer);
  return [
    {
      about: peer.name,
      address,
      port: peer.port ?? (node === undefined ? undefined : settings.portOf(node.name)),
      asNumber: peer.asNumber ?? settings.asNumber,
      clusterId: node?.routeReflectorClusterId,
      isNode: nodes.has(address),
    },
  ];
}

const nodeTargets = (
  nodes: readonly NodeRouting[],
  families: readonly Family[],
  settings: BgpSettings,
): readonly Target[] =>
  nodes.flatMap((node) =>
    families.flatMap((family) => {
      const address = addressOfNode(node, family);
      if (address === undefined) return [];
      const asNumber = node.asNumber ?? settings.asNumber;
      const clusterId = node.routeReflectorClusterId;
      return [{ about: node.name, address, port: settings.portOf(node.name), asNumber, clusterId, isNode: true }];
    }),
  );

interface Given {
  readonly origin: Origin;
  readonly own: NodeRouting;
  readonly peer: Peer;
  readonly target: Target;
  readonly settings: BgpSettings;
}

/** Undefined for a session with ourselves, or without an address of the family. */
function sessionOf({ origin, own, peer, target, settings }: Given, password: string | undefined): Session | undefined {
  const ownAddress = addressOfNode(own, target.address.family);
  if (ownAddress === undefined || ownAddress.text === target.address.text) return undefined;
  const localAs = peer.localAs ?? own.asNumber ?? settings.asNumber;
  const isInternal = target.asNumber === localAs;
  const reflects = isInternal && target.clusterId !== own.routeReflectorClusterId;
  return {
    origin,
    about: target.about,
    address: target.address,
    port: target.port,
    asNumber: target.asNumber,
    localAs,
    sourceAddress: peer.usesNodeAddress ? ownAddress : undefined,
    isPassive: target.isNode && waitsFor(ownAddress, target.address),
    restartSeconds: peer.restartSeconds,
    keepaliveSeconds: peer.keepaliveSeconds,
    password,
    ttlSecurity: peer.ttlSecurity,
    nextHop: peer.keepsNextHop && !isInternal ? 'keep' : peer.nextHop,
    clusterId: reflects ? clusterIdOf(own) : undefined,
    allowedLocalAs: peer.allowedLocalAs,
    filters: peer.filters,
    reachableBy: peer.reachableBy,
  };
}
