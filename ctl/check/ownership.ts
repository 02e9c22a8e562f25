import { isEmpty, owningNode, settled } from '../../ipam/block/block.ts';
import { type Pool, poolOf } from '../../ipam/config/pools.ts';
import type { Block } from '../../shared/calico/model.ts';
import type { Version } from '../../shared/datastore/query.ts';
import { type AffinityRef, blockRef } from '../../shared/datastore/ref.ts';
import { type Cidr, overlaps } from '../../shared/net/cidr.ts';
import type { Claim, Cluster } from './cluster.ts';
import { asSeen, type Finding } from './finding.ts';

/** A block as it was read. */
export interface Seen {
  readonly version: Version;
  readonly cidr: Cidr;
  readonly block: Block;
}

const OWNER = /^(?:host|virtual):./;

/** What is wrong between a block, its affinities, its pool and its owner's Node. */
export function ownershipFindings(cluster: Cluster, seen: Seen): readonly Finding[] {
  const { cidr, block } = seen;
  const node = owningNode(block);
  const pool = poolOf(cluster.pools, cidr);
  const gone = node !== undefined && !cluster.nodes.has(node);
  return [
    ...claimFindings(cluster, seen, gone),
    ...(gone ? [goneNode(seen, node)] : []),
    ...(pool !== undefined && pool.blockSize !== cidr.length ? [wrongSize(seen, pool)] : []),
    ...leftoverFindings(cluster, seen, pool === undefined),
  ];
}

/** Whether the block can be deleted without losing an address. Addresses whose cooldown is over count as free. */
export const isIdle = (block: Block, { now, config }: Pick<Cluster, 'now' | 'config'>): boolean =>
  isEmpty(settled(block, now, config.ipCooldownSeconds));

const about = ({ version, cidr }: Seen): Pick<Finding, 'cidr' | 'seen'> => ({
  cidr: cidr.text,
  seen: [{ ref: blockRef(cidr), seen: version }],
});

function claimFindings(cluster: Cluster, seen: Seen, gone: boolean): readonly Finding[] {
  const { cidr, block } = seen;
  const claims = cluster.claims.get(cidr.text) ?? [];
  const own = claims.find(({ owner }) => owner === block.affinity);
  const stale = claims.filter((claim) => claim !== own).map((claim) => staleClaim(claim, block));
  if (gone) return stale;
  if (own !== undefined) return isStanding(own) ? stale : [...stale, halfClaim(own)];
  if (block.affinity === null) return stale;
  if (OWNER.test(block.affinity)) return [...stale, unclaimed(seen, block.affinity)];
  const text = `${cidr.text}: belongs to ${block.affinity}, which is not an owner type that Calico knows`;
  return [...stale, { kind: 'unreadable', text, ...about(seen) }];
}

const isStanding = ({ state }: Claim): boolean => state === 'confirmed' || state === '';

const onClaim = (claim: Claim): Pick<Finding, 'cidr' | 'seen'> => ({ cidr: claim.cidr.text, seen: [asSeen(claim)] });

const staleClaim = (claim: Claim, block: Block): Finding => ({
  kind: 'stale-claim',
  text: `${claim.cidr.text}: claimed by ${claim.owner}, but it belongs to ${block.affinity ?? 'no one'}`,
  ...onClaim(claim),
});

const halfClaim = (claim: Claim): Finding => ({
  kind: 'pending',
  text: `${claim.cidr.text}: the affinity of ${claim.owner} is ${claim.state}`,
  ...onClaim(claim),
});

const unclaimed = (seen: Seen, owner: string): Finding => ({
  kind: 'unclaimed',
  text: `${seen.cidr.text}: belongs to ${owner}, which has no affinity for it`,
  ...about(seen),
});

/** An affinity for a block that does not exist. */
export const blockless = (claim: Claim): Finding => ({
  kind: 'blockless',
  text: `${claim.cidr.text}: claimed by ${claim.owner} (${claim.state || 'confirmed'}), but the block does not exist`,
  ...onClaim(claim),
});

const goneNode = (seen: Seen, node: string): Finding => ({
  kind: 'gone-node',
  text: `${seen.cidr.text}: belongs to ${node}, which has no Node resource`,
  node,
  ...about(seen),
});

const wrongSize = (seen: Seen, pool: Pool): Finding => ({
  kind: 'wrong-size',
  text: `${seen.cidr.text}: blocks of pool ${pool.name} are /${pool.blockSize}`,
  ...about(seen),
});

function leftoverFindings(cluster: Cluster, seen: Seen, outside: boolean): readonly Finding[] {
  const { cidr, block } = seen;
  const idle = isIdle(block, cluster);
  if (idle && (block.affinity === null || outside)) {
    const why = outside ? 'outside all pools' : 'without an owner';
    return [{ kind: 'abandoned', text: `${cidr.text}: empty, ${why}`, ...about(seen) }];
  }
  if (!outside) return [];
  const used = block.allocations.filter((index) => index !== null).length;
  return [{ kind: 'orphaned', text: `${cidr.text}: ${used} addresses in use`, ...about(seen) }];
}

/** Blocks that overlap, each reported with the one before it. */
export function overlapFindings(blocks: readonly Cidr[]): readonly Finding[] {
  const ordered = [...blocks].sort((a, b) => a.family - b.family || order(a.base, b.base) || a.length - b.length);
  const found: Finding[] = [];
  let widest: Cidr | undefined;
  for (const cidr of ordered) {
    if (widest !== undefined && overlaps(widest, cidr)) {
      found.push({ kind: 'overlap', text: `${cidr.text} lies in ${widest.text}`, seen: [], cidr: cidr.text });
    } else widest = cidr;
  }
  return found;
}

const order = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** Nodes that own more blocks of a family than the limit. */
export function limitFindings(claims: Iterable<Claim>, limit: number): readonly Finding[] {
  const counts = new Map<string, number>();
  for (const { owner, cidr } of claims) {
    if (owner.startsWith('host:')) {
      const who = `${owner.slice('host:'.length)} (IPv${cidr.family})`;
      counts.set(who, (counts.get(who) ?? 0) + 1);
    }
  }
  return [...counts].flatMap(([who, count]): readonly Finding[] =>
    count > limit ? [{ kind: 'over-limit', text: `${who}: ${count} blocks, the limit is ${limit}`, seen: [] }] : [],
  );
}

/** The affinity that the owner of a block should have. Undefined for a block without an owner. */
export function ownClaim(block: Pick<Block, 'affinity'>, cidr: Cidr): AffinityRef | undefined {
  const [, type, node = ''] = /^(host|virtual):(.+)$/.exec(block.affinity ?? '') ?? [];
  return type === undefined ? undefined : { kind: 'affinity', type: type === 'host' ? 'host' : 'virtual', node, cidr };
}
