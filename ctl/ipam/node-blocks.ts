import { type Affine, affinitiesOf } from '../../ipam/block/affinity.ts';
import { ask } from '../../ipam/block/ask.ts';
import { isOwnedBy, settled } from '../../ipam/block/block.ts';
import { decodeBlock } from '../../ipam/block/block-json.ts';
import { blockLimit, readConfig } from '../../ipam/config/ipam-config.ts';
import { type Pool, poolOf, readPools } from '../../ipam/config/pools.ts';
import { get, POOLS, affinitiesOf as queryAffinities } from '../../shared/datastore/query.ts';
import { blockRef, IPAM_CONFIG, nodeRef } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan, View } from '../../shared/datastore/view.ts';

/** A block of a node. */
export interface NodeBlock {
  readonly cidr: string;
  /** The name of its pool; undefined outside all pools. */
  readonly pool: string | undefined;
  /** `confirmed`, or what is unusual about it. */
  readonly state: string;
  readonly total: number;
  readonly used: number;
}

/** A node's blocks and addresses. */
export interface NodeAddresses {
  /** Whether there is a Node resource. */
  readonly known: boolean;
  readonly limit: number;
  readonly strict: boolean;
  readonly blocks: readonly NodeBlock[];
}

/** Reads a node's blocks; one that cannot be read is listed with the reason. */
export function* nodeAddresses(node: string, now: bigint): Plan<Outcome<NodeAddresses>> {
  const view = yield [get(IPAM_CONFIG), get(nodeRef(node)), POOLS, queryAffinities(node)];
  const config = readConfig(view);
  const claims = affinitiesOf(view, node);
  yield* ask(
    view,
    claims.map(({ cidr }) => blockRef(cidr)),
  );
  const pools = readPools(view);
  const rest = { now, cooldown: config.ipCooldownSeconds };
  const answer = {
    known: view.get(nodeRef(node)) !== undefined,
    limit: blockLimit(0, config),
    strict: config.strict_affinity,
    blocks: claims.map((claim) => blockOf(view, node, claim, pools, rest)),
  };
  return { changes: [], answer };
}

function blockOf(
  view: View,
  node: string,
  { cidr, state }: Affine,
  pools: readonly Pool[],
  rest: { readonly now: bigint; readonly cooldown: number },
): NodeBlock {
  const shown = { cidr: cidr.text, pool: poolOf(pools, cidr)?.name, total: 0, used: 0 };
  const entry = view.get(blockRef(cidr));
  if (entry === undefined) return { ...shown, state: 'block does not exist' };
  try {
    const block = settled(decodeBlock(cidr, entry.value, entry.at), rest.now, rest.cooldown);
    const used = block.allocations.filter((index) => index !== null).length;
    const own = isOwnedBy(block, node) ? state || 'confirmed' : `belongs to ${block.affinity ?? 'no one'}`;
    return { ...shown, state: own, total: block.allocations.length, used };
  } catch {
    return { ...shown, state: 'cannot be read' };
  }
}
