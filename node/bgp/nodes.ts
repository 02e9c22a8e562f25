import { parseSelector } from '../../shared/calico/selector.ts';
import type { Address } from '../../shared/net/address.ts';
import type { NetworkState, NodeRouting } from '../state/network-state.ts';
import type { Peer } from './peer.ts';
import { addressOfNode } from './session.ts';
import type { BgpSettings } from './settings.ts';

/** The nodes as BGPPeers choose them. */
export interface Nodes {
  readonly selected: (selector: string) => readonly NodeRouting[];
  /** Whether the address is a node's. */
  readonly has: (address: Address) => boolean;
  /** The nodes that a `peerIP` means: with its address, AS number and port. */
  readonly at: (peer: Peer) => readonly NodeRouting[];
  /** Whether a BGPPeer with `node` or `nodeSelector` is for a node. */
  readonly isFor: (peer: Peer, node: NodeRouting) => boolean;
  /** Whether a node is what `peerIP` or `peerSelector` mean. */
  readonly isOtherSide: (peer: Peer, node: NodeRouting) => boolean;
  /** The nodes that a BGPPeer is for. */
  readonly firstSide: (peer: Peer) => readonly NodeRouting[];
}

export function nodesMatching(state: NetworkState, settings: BgpSettings): Nodes {
  const all = [...state.nodes.values()];
  const byAddress = new Map<string, NodeRouting>();
  for (const node of all) {
    for (const address of [addressOfNode(node, 4), addressOfNode(node, 6)])
      if (address !== undefined) byAddress.set(address.text, node);
  }
  const selected = (selector: string): readonly NodeRouting[] => {
    const matches = matcher(selector);
    return all.filter(({ labels }) => matches(labels));
  };
  const at = (peer: Peer): readonly NodeRouting[] => {
    const node = byAddress.get(peer.address?.text ?? '');
    return node !== undefined && isMeant(peer, node, settings) ? [node] : [];
  };
  return {
    selected,
    has: ({ text }) => byAddress.has(text),
    at,
    isFor: ({ node, nodeSelector }, { name, labels }) =>
      nodeSelector === undefined ? node === name : matcher(nodeSelector)(labels),
    isOtherSide: (peer, node) =>
      peer.peerSelector === undefined ? at(peer).includes(node) : matcher(peer.peerSelector)(node.labels),
    firstSide: ({ node, nodeSelector }) =>
      node === undefined ? selected(nodeSelector ?? 'all()') : all.filter(({ name }) => name === node),
  };
}

/** Whether the AS number and the port of a `peerIP` are those of the node with that address. */
function isMeant({ asNumber, port }: Peer, node: NodeRouting, settings: BgpSettings): boolean {
  const nodePort = settings.portOf(node.name);
  const isPort = port === undefined || nodePort === undefined || nodePort === port;
  return isPort && (node.asNumber ?? settings.asNumber) === (asNumber ?? settings.asNumber);
}

/** A selector that cannot be read selects nothing. */
function matcher(selector: string): (labels: Readonly<Record<string, string>>) => boolean {
  try {
    return parseSelector(selector);
  } catch {
    return () => false;
  }
}
