import { ask } from '../../ipam/block/ask.ts';
import { attributeAt, rewritten } from '../../ipam/block/block.ts';
import { blockOfFields, encodeBlock } from '../../ipam/block/block-json.ts';
import { readConfig } from '../../ipam/config/ipam-config.ts';
import { poolOf, readPools } from '../../ipam/config/pools.ts';
import { stringifyJson } from '../../shared/calico/json.ts';
import { blockKey, CONFIG_KEY, nodeKey, parseAffinityKey, poolsPrefix } from '../../shared/calico/keys.ts';
import type { Block } from '../../shared/calico/model.ts';
import { parseObject } from '../../shared/calico/stored.ts';
import { type Outcome, one, type Plan, under, type View, type Write } from '../../shared/datastore/view.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { type Claim, claimsOf } from './cluster.ts';
import type { Finding } from './finding.ts';
import { isIdle, ownClaimKey } from './ownership.ts';
import { flawsOf, straightened } from './shape.ts';
import { changedSince, gone, left, type Mended, mended, type Verdict } from './verdict.ts';

/** A block being mended: what it is to become, finding by finding. */
interface Draft {
  readonly view: View;
  readonly cidr: Cidr;
  readonly now: bigint;
  /** As stored. */
  readonly block: Block;
  readonly queue: readonly number[];
  /** Undefined: the block goes. */
  next: Block | undefined;
  readonly claims: Map<string, string | undefined>;
}

/** The value of a claim that stands. */
export const CONFIRMED = stringifyJson({ state: 'confirmed', deleted: false });

/** Puts right what was found of one block and the claims on it, in one transaction, as far as it still is so. */
export function* mendBlock(
  cidr: Cidr,
  findings: readonly Finding[],
  { now, ours }: { readonly now: bigint; readonly ours: ReadonlySet<string> },
): Plan<Outcome<Mended>> {
  const key = blockKey(cidr);
  const view = yield [one(CONFIG_KEY), under(poolsPrefix), one(key)];
  const claims = findings.flatMap(({ seen }) => Object.keys(seen)).filter((each) => each !== key);
  const nodes = findings.flatMap(({ node }) => (node === undefined ? [] : [nodeKey(node)]));
  yield* ask(view, [...claims, ...nodes]);
  const entry = view.get(key);
  if (entry === undefined) return claimsOfNothing(view, key, findings, ours);
  const fields = parseObject(key, entry.value);
  const block = blockOfFields(cidr, entry.value, fields);
  const own = ownClaimKey(block, cidr);
  if (own !== undefined) yield* ask(view, [own]);
  const queue = (fields['unallocated'] ?? []) as readonly number[];
  const draft: Draft = { view, cidr, now, block, queue, next: block, claims: new Map() };
  const verdicts = inOrder(findings).map((finding) => mendOne(draft, finding, ours));
  const writes = writesOf(draft, key);
  return { writes, guards: [key, ...nodes], answer: { verdicts, wrote: writes.map((write) => write.key) } };
}

/** What may end a block comes last, when all else about it is known. */
const inOrder = (findings: readonly Finding[]): readonly Finding[] =>
  [...findings].sort((a, b) => LAST.indexOf(a.kind) - LAST.indexOf(b.kind));
const LAST: readonly string[] = ['gone-node', 'abandoned'];

function writesOf({ block, next, claims }: Draft, key: string): readonly Write[] {
  const writes = [...claims].map(([claim, value]) => ({ key: claim, value }));
  if (next === undefined) return [...writes, { key, value: undefined }];
  if (next !== block) return [...writes, { key, value: encodeBlock(next) }];
  return writes;
}

/** Claims on a block that is not there: they go, unless somebody has touched them. */
function claimsOfNothing(
  view: View,
  key: string,
  findings: readonly Finding[],
  ours: ReadonlySet<string>,
): Outcome<Mended> {
  const verdicts = findings.map((finding) => {
    const claims = claimKeys(finding).filter((claim) => view.get(claim) !== undefined);
    if (claims.length === 0) return gone(finding);
    const changed = changedSince(view, finding, new Set([...ours, key]));
    return changed === undefined ? mended(finding) : left(finding, changed);
  });
  const dropped = verdicts.flatMap(({ end, finding }) => (end === 'mended' ? claimKeys(finding) : []));
  const writes = [...new Set(dropped)].map((claim) => ({ key: claim, value: undefined }));
  return { writes, guards: [key], answer: { verdicts, wrote: writes.map((write) => write.key) } };
}

const claimKeys = ({ seen }: Finding): readonly string[] =>
  Object.keys(seen).filter((key) => parseAffinityKey(key) !== undefined);

type Mend = (draft: Draft, finding: Finding, ours: ReadonlySet<string>) => Verdict;

const MENDS: Readonly<Record<string, Mend>> = {
  'stale-claim': mendClaim,
  pending: mendClaim,
  blockless: mendClaim,
  unclaimed,
  'gone-node': mendGoneNode,
  abandoned: mendAbandoned,
};

const mendOne: Mend = (draft, finding, ours) => (MENDS[finding.kind] ?? mendShape)(draft, finding, ours);

function mendShape(draft: Draft, finding: Finding): Verdict {
  const rest = { now: draft.now, cooldown: readConfig(draft.view).ipCooldownSeconds };
  if (!flawsOf(draft.block, draft.queue, rest).some(({ kind }) => kind === finding.kind)) return gone(finding);
  if (draft.next === draft.block) draft.next = straightened(draft.block, rest);
  return mended(finding);
}

const claimAt = (view: View, key: string): Claim | undefined => {
  const entry = view.get(key);
  return entry === undefined ? undefined : claimsOf([entry])[0];
};

/** A claim of somebody else goes; the owner's own is confirmed, or ends together with an empty block that it was leaving. */
function mendClaim(draft: Draft, finding: Finding, ours: ReadonlySet<string>): Verdict {
  const [key = ''] = claimKeys(finding);
  const claim = claimAt(draft.view, key);
  if (claim === undefined) return gone(finding);
  const changed = changedSince(draft.view, finding, ours);
  if (changed !== undefined) return left(finding, changed);
  if (claim.owner !== draft.block.affinity) draft.claims.set(key, undefined);
  else if (claim.state === 'confirmed' || claim.state === '') return gone(finding);
  else if (claim.state === 'pendingDeletion' && isFree(draft)) end(draft);
  else {
    draft.claims.set(key, CONFIRMED);
    // Who is half way through giving the block up must find it changed.
    draft.next = anew(draft);
  }
  return mended(finding);
}

/** The block as a new version, which it becomes only once. */
const anew = ({ block, next }: Draft): Block | undefined => (next === block ? rewritten(block) : next);

function unclaimed(draft: Draft, finding: Finding): Verdict {
  const key = ownClaimKey(draft.block, draft.cidr);
  if (key === undefined || draft.view.get(key) !== undefined) return gone(finding);
  draft.claims.set(key, CONFIRMED);
  return mended(finding);
}

function isFree({ view, block, now }: Draft): boolean {
  return isIdle(block, { now, config: readConfig(view) });
}

/** The block goes, and its owner's claim with it. */
function end(draft: Draft): void {
  const claim = ownClaimKey(draft.block, draft.cidr);
  draft.next = undefined;
  if (claim !== undefined && draft.view.get(claim) !== undefined) draft.claims.set(claim, undefined);
  else if (claim !== undefined) draft.claims.delete(claim);
}

function mendAbandoned(draft: Draft, finding: Finding): Verdict {
  const inPool = poolOf(readPools(draft.view), draft.cidr) !== undefined;
  if (!isFree(draft) || (draft.block.affinity !== null && inPool)) return gone(finding);
  end(draft);
  return mended(finding);
}

/** As the original does for a node that is deleted: an empty block goes, another loses its owner. */
function mendGoneNode(draft: Draft, finding: Finding): Verdict {
  const { node = '' } = finding;
  const { block, view, cidr } = draft;
  if (block.affinity !== `host:${node}` || view.get(nodeKey(node)) !== undefined) return gone(finding);
  if (isFree(draft)) {
    end(draft);
    return mended(finding);
  }
  const own = block.allocations.filter((index, ordinal) => index !== null && isOf(block, ordinal, node)).length;
  if (own > 0)
    return left(
      finding,
      `${own} of its addresses are in use on ${node}: calicoctl delete node ${node} frees them, once nothing runs there`,
    );
  const { affinity_claim_time: _, ...others } = anew(draft) ?? block;
  draft.next = { ...others, affinity: null };
  const claim = ownClaimKey(block, cidr);
  if (claim !== undefined && view.get(claim) !== undefined) draft.claims.set(claim, undefined);
  return mended(finding);
}

function isOf(block: Block, ordinal: number, node: string): boolean {
  const attribute = attributeAt(block, ordinal);
  return attribute?.releasedAt === undefined && (attribute?.secondary?.['node'] ?? node) === node;
}
