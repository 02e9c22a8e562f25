import { attributeAt, ordinalsOf } from '../../ipam/block/block.ts';
import { decodeBlock } from '../../ipam/block/block-json.ts';
import { readHandle } from '../../ipam/block/handle.ts';
import { endpointPrefix } from '../../shared/calico/names.ts';
import { endpointsOf, get } from '../../shared/datastore/query.ts';
import { blockRef, handleRef } from '../../shared/datastore/ref.ts';
import type { Plan, View } from '../../shared/datastore/view.ts';
import { type Cidr, nthAddress } from '../../shared/net/cidr.ts';
import { findEndpoints, type StoredEndpoint } from './find-endpoint.ts';
import type { Identity } from './identity.ts';

/** An address that the container's handle holds, and the node that it was assigned on. */
interface Held {
  readonly address: string;
  readonly node: string;
}

/**
 * An endpoint of this container under another node's name that lists an address of the container's handle: this host had another
 * name when it was created, or another host has a container with the same ID. Usually needs no further query.
 */
export function* endpointElsewhere(view: View, identity: Identity): Plan<StoredEndpoint | undefined> {
  if (!view.knows(handleRef(identity.handleID))) return undefined;
  const { blocks } = readHandle(view, identity.handleID);
  if (blocks.length === 0) return undefined;
  const unknown = blocks.map(blockRef).filter((ref) => !view.knows(ref));
  if (unknown.length > 0) yield unknown.map(get);
  const held = blocks.flatMap((cidr) => heldIn(view, cidr, identity)).filter(({ node }) => node !== identity.node);
  const others = [...new Set(held.map(({ node }) => node))].flatMap((node) => onNode(identity, node));
  if (others.length === 0) return undefined;
  const there = yield others.map((other) => endpointsOf(other.namespace, other.endpointPrefix));
  return others
    .flatMap((other) => findEndpoints(there, other))
    .find((found) => held.some(({ address }) => lists(found, address)));
}

function heldIn(view: View, cidr: Cidr, { handleID, node }: Identity): readonly Held[] {
  const entry = view.get(blockRef(cidr));
  if (entry === undefined) return [];
  const block = decodeBlock(cidr, entry.value, entry.at);
  return ordinalsOf(block, handleID).map((ordinal) => ({
    address: nthAddress(cidr, ordinal),
    // Very old attributes do not name the node.
    node: attributeAt(block, ordinal)?.secondary?.['node'] ?? node,
  }));
}

/** The same workload under another node's name; empty when that name is not valid in an endpoint's. */
function onNode(identity: Identity, node: string): readonly Identity[] {
  try {
    return [{ ...identity, node, endpointPrefix: endpointPrefix({ ...identity, node }) }];
  } catch {
    return [];
  }
}

const lists = ({ endpoint }: StoredEndpoint, address: string): boolean =>
  (endpoint.spec.ipNetworks ?? []).some((network) => network.split('/')[0] === address);
