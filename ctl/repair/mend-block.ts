import { ask } from '../../ipam/block/ask.ts';
import { attributeAt, rewritten } from '../../ipam/block/block.ts';
import { blockOfFields, encodeBlock } from '../../ipam/block/block-json.ts';
import { readConfig } from '../../ipam/config/ipam-config.ts';
import { poolOf, readPools } from '../../ipam/config/pools.ts';
import { stringifyJson } from '../../shared/calico/json.ts';
import type { Block } from '../../shared/calico/model.ts';
import { parseObject } from '../../shared/calico/stored.ts';
import { get, POOLS } from '../../shared/datastore/query.ts';
import {
  type AffinityRef,
  type BlockRef,
  blockRef,
  IPAM_CONFIG,
  isSame,
  nodeRef,
  type Ref,
  textOf,
} from '../../shared/datastore/ref.ts';
import type { Change, Outcome, Plan, View } from '../../shared/datastore/view.ts';
import type { Cidr } from '../../shared/net/cidr.ts';
import { type Claim, claimsOf } from '../check/cluster.ts';
import type { Finding } from '../check/finding.ts';
import { isIdle, ownClaim } from '../check/ownership.ts';
import { flawsOf, straightened } from '../check/shape.ts';
import { changedSince, gone, left, type Mended, mended, type RepairVerdict } from './verdict.ts';

/** A block under repair: what it becomes, finding by finding. */
interface Draft {
  readonly view: View;
  readonly cidr: Cidr;
  readonly now: bigint;
  /** As stored. */
  readonly block: Block;
  readonly queue: readonly number[];
  /** Undefined: the block will be deleted. */
  next: Block | undefined;
  /** The new values of affinities, by the text of their refs. */
  readonly claims: Map<string, Change>;
}

/** The current value of an affinity. */
export const CONFIRMED = stringifyJson({ state: 'confirmed', deleted: false });

/** Repairs the findings about a block and its affinities in one transaction, as far as they are still true. */
export function* mendBlock(
  cidr: Cidr,
  findings: readonly Finding[],
  { now, ours }: { readonly now: bigint; readonly ours: ReadonlySet<string> },
): Plan<Outcome<Mended>> {
  const its = blockRef(cidr);
  const view = yield [get(IPAM_CONFIG), POOLS, get(its)];
  const others = findings.flatMap(({ seen }) => seen.map(({ ref }) => ref)).filter((ref) => !isSame(ref, its));
  const nodes = findings.flatMap(({ node }) => (node === undefined ? [] : [nodeRef(node)]));
  yield* ask(view, [...others, ...nodes]);
  const entry = view.get(its);
  if (entry === undefined) return claimsOfNothing(view, its, findings, ours);
  const fields = parseObject(entry.at, entry.value);
  const block = blockOfFields(cidr, entry.value, fields, entry.at);
  const own = ownClaim(block, cidr);
  if (own !== undefined) yield* ask(view, [own]);
  const queue = (fields['unallocated'] ?? []) as readonly number[];
  const draft: Draft = { view, cidr, now, block, queue, next: block, claims: new Map() };
  const verdicts = inOrder(findings).map((finding) => mendOne(draft, finding, ours));
  const changes = changesOf(draft, its);
  return { changes, guards: [its, ...nodes], answer: { verdicts, wrote: refsOf(changes) } };
}

/** What may delete a block comes last, when everything else about it is known. */
const inOrder = (findings: readonly Finding[]): readonly Finding[] =>
  [...findings].sort((a, b) => LAST.indexOf(a.kind) - LAST.indexOf(b.kind));
const LAST: readonly string[] = ['gone-node', 'abandoned'];

function changesOf({ block, next, claims }: Draft, ref: BlockRef): readonly Change[] {
  const changes = [...claims.values()];
  if (next === undefined) return [...changes, { ref, next: undefined }];
  if (next !== block) return [...changes, { ref, next: encodeBlock(next) }];
  return changes;
}

const refsOf = (changes: readonly Change[]): readonly Ref[] => changes.map(({ ref }) => ref);

/** Affinities of a missing block: deleted, unless they were changed since. */
function claimsOfNothing(
  view: View,
  its: BlockRef,
  findings: readonly Finding[],
  ours: ReadonlySet<string>,
): Outcome<Mended> {
  const verdicts = findings.map((finding) => {
    const claims = claimsIn(finding).filter((claim) => view.get(claim) !== undefined);
    if (claims.length === 0) return gone(finding);
    const changed = changedSince(view, finding, new Set([...ours, textOf(its)]));
    return changed === undefined ? mended(finding) : left(finding, changed);
  });
  const dropped = verdicts.flatMap(({ end, finding }) => (end === 'mended' ? claimsIn(finding) : []));
  const changes = [...new Map(dropped.map((ref) => [textOf(ref), { ref, next: undefined }])).values()];
  return { changes, guards: [its], answer: { verdicts, wrote: refsOf(changes) } };
}

const claimsIn = ({ seen }: Finding): readonly AffinityRef[] =>
  seen.flatMap(({ ref }) => (ref.kind === 'affinity' ? [ref] : []));

type Mend = (draft: Draft, finding: Finding, ours: ReadonlySet<string>) => RepairVerdict;

const MENDS: Readonly<Record<string, Mend>> = {
  'stale-claim': mendClaim,
  pending: mendClaim,
  blockless: mendClaim,
  unclaimed,
  'gone-node': mendGoneNode,
  abandoned: mendAbandoned,
};

const mendOne: Mend = (draft, finding, ours) => (MENDS[finding.kind] ?? mendShape)(draft, finding, ours);

function mendShape(draft: Draft, finding: Finding): RepairVerdict {
  const rest = { now: draft.now, cooldown: readConfig(draft.view).ipCooldownSeconds };
  if (!flawsOf(draft.block, draft.queue, rest).some(({ kind }) => kind === finding.kind)) return gone(finding);
  if (draft.next === draft.block) draft.next = straightened(draft.block, rest);
  return mended(finding);
}

const claimAt = (view: View, ref: AffinityRef): Claim | undefined => {
  const entry = view.get(ref);
  return entry === undefined ? undefined : claimsOf(entry)[0];
};

function change(draft: Draft, ref: AffinityRef, next: string | undefined): void {
  draft.claims.set(textOf(ref), { ref, next });
}

/** Another node's affinity is deleted. The owner's is confirmed, or deleted with an empty block that it was releasing. */
function mendClaim(draft: Draft, finding: Finding, ours: ReadonlySet<string>): RepairVerdict {
  const [ref] = claimsIn(finding);
  const claim = ref && claimAt(draft.view, ref);
  if (claim === undefined) return gone(finding);
  const changed = changedSince(draft.view, finding, ours);
  if (changed !== undefined) return left(finding, changed);
  if (claim.owner !== draft.block.affinity) change(draft, claim.ref, undefined);
  else if (claim.state === 'confirmed' || claim.state === '') return gone(finding);
  else if (claim.state === 'pendingDeletion' && isFree(draft)) end(draft);
  else {
    change(draft, claim.ref, CONFIRMED);
    // A process that is releasing the block must see that it has changed.
    draft.next = anew(draft);
  }
  return mended(finding);
}

/** The block with its sequence number raised, but only once. */
const anew = ({ block, next }: Draft): Block | undefined => (next === block ? rewritten(block) : next);

function unclaimed(draft: Draft, finding: Finding): RepairVerdict {
  const claim = ownClaim(draft.block, draft.cidr);
  if (claim === undefined || draft.view.get(claim) !== undefined) return gone(finding);
  change(draft, claim, CONFIRMED);
  return mended(finding);
}

function isFree({ view, block, now }: Draft): boolean {
  return isIdle(block, { now, config: readConfig(view) });
}

/** Deletes the block and its owner's affinity. */
function end(draft: Draft): void {
  const claim = ownClaim(draft.block, draft.cidr);
  draft.next = undefined;
  if (claim !== undefined && draft.view.get(claim) !== undefined) change(draft, claim, undefined);
  else if (claim !== undefined) draft.claims.delete(textOf(claim));
}

function mendAbandoned(draft: Draft, finding: Finding): RepairVerdict {
  const inPool = poolOf(readPools(draft.view), draft.cidr) !== undefined;
  if (!isFree(draft) || (draft.block.affinity !== null && inPool)) return gone(finding);
  end(draft);
  return mended(finding);
}

/** As the original does for a deleted node: an empty block is deleted, any other loses its owner. */
function mendGoneNode(draft: Draft, finding: Finding): RepairVerdict {
  const { node = '' } = finding;
  const { block, view, cidr } = draft;
  if (block.affinity !== `host:${node}` || view.get(nodeRef(node)) !== undefined) return gone(finding);
  if (isFree(draft)) {
    end(draft);
    return mended(finding);
  }
  const own = block.allocations.filter((index, ordinal) => index !== null && isOf(block, ordinal, node)).length;
  if (own > 0)
    return left(
      finding,
      `${own} of its addresses are in use on ${node}: once nothing runs there, calicoctl delete node ${node} releases them`,
    );
  const { affinity_claim_time: _, ...others } = anew(draft) ?? block;
  draft.next = { ...others, affinity: null };
  const claim = ownClaim(block, cidr);
  if (claim !== undefined && view.get(claim) !== undefined) change(draft, claim, undefined);
  return mended(finding);
}

function isOf(block: Block, ordinal: number, node: string): boolean {
  const attribute = attributeAt(block, ordinal);
  return attribute?.releasedAt === undefined && (attribute?.secondary?.['node'] ?? node) === node;
}
