import type { Block } from '../../shared/calico/model.ts';
import { blockRef, poolRef } from '../../shared/datastore/ref.ts';
import type { Change, Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { type Failure, failure } from '../../shared/error/failure.ts';
import { type Address, parseAddress } from '../../shared/net/address.ts';
import { blockOf, type Cidr, ordinalOf } from '../../shared/net/cidr.ts';
import { confirm, forget, isConfirmed } from '../block/affinity.ts';
import { ask, blockAt } from '../block/ask.ts';
import { handleAt, isOwnedBy, newBlock, ordinalsOf, sanitizedHandle } from '../block/block.ts';
import type { StoredHandle } from '../block/handle.ts';
import { type AddressHolder, holderAt, holderText } from '../block/holder.ts';
import { blocksIn, type Pool, poolOf } from '../config/pools.ts';
import { addressHeld } from './address-held.ts';
import { unfinished } from './complete.ts';
import { assignedAt, type Draft, keep, outcomeOf, startDraft, take } from './draft.ts';
import { lostBlocks, lostError } from './lost.ts';
import { listed, makePool, noPool } from './pool-advice.ts';
import { type Assignment, USE } from './request.ts';
import { coolingOf, type Setting } from './setting.ts';

/** A requested address and the block that it belongs to by its pool's block size. */
interface Wish {
  readonly pool: Pool;
  readonly cidr: Cidr;
  readonly ordinal: number;
}

/**
 * Decides an ADD that requests specific addresses, in any enabled pool that allows the use. Reservations, selectors and limits
 * do not apply (as Calico). An address that the handle already holds is success; one that another handle holds is a Failure.
 */
export function* assignFixed(view: View, setting: Setting, handle: StoredHandle): Plan<Outcome<Assignment>> {
  const wishes = [...new Set(setting.request.fixed)].map((text) => wishOf(setting, text));
  // One change per block, and one for the handle. More than fit are refused before any work.
  requireRoom(blocksOf(wishes) + 1, wishes);
  yield* ask(
    view,
    wishes.map(({ cidr }) => blockRef(cidr)),
  );
  const wished = setting.affine.filter((claim) => wishes.some(({ cidr }) => cidr.text === claim.cidr.text));
  const lost = yield* lostBlocks(view, wished, setting.request.handleID);
  for (const { cidr } of wishes) if (lost.has(cidr.text)) throw lostError(cidr.text);
  let draft = startDraft(view, setting, handle);
  for (const cidr of new Set(wishes.map((wish) => wish.cidr.text))) {
    draft = grant(
      view,
      setting,
      wishes.filter((wish) => wish.cidr.text === cidr),
      draft,
    );
  }
  const addresses = wishes.map(({ cidr, ordinal, pool }) => assignedAt(cidr, ordinal, pool.name));
  return draft.assigned.length === 0
    ? { changes: [], guards: [handle.ref], answer: { addresses, isNew: false } }
    : inOneCommit(outcomeOf(draft, addresses), wishes);
}

/** Most objects that one commit may change and guard (etcd's default --max-txn-ops), minus the endpoint and its profile. */
const MOST_OBJECTS = 126;

function inOneCommit(outcome: Outcome<Assignment>, wishes: readonly Wish[]): Outcome<Assignment> {
  requireRoom(outcome.changes.length + (outcome.guards?.length ?? 0), wishes);
  return outcome;
}

/** Refuses addresses in more blocks than one commit can change. With two commits another call might get half of them. */
function requireRoom(objects: number, wishes: readonly Wish[]): void {
  if (objects <= MOST_OBJECTS) return;
  throw failure(
    `${wishes.length} addresses in ${blocksOf(wishes)} blocks are too many for one call`,
    `they need at least ${objects} changes in one commit, the limit is ${MOST_OBJECTS}: request addresses from fewer blocks`,
  );
}

const blocksOf = (wishes: readonly Wish[]): number => new Set(wishes.map(({ cidr }) => cidr.text)).size;

function wishOf({ pools }: Setting, text: string): Wish {
  const address = parseAddress(text);
  if (address === undefined) throw failure(`invalid IP address: ${text}`);
  const usable = pools.filter((pool) => pool.enabled && blocksIn(pool) > 0n);
  const pool = poolOf(usable, address);
  if (pool === undefined) {
    throw failure('The provided IP address is not in a configured pool\n', outside(pools, usable, address));
  }
  if (!pool.allowedUses.includes(USE)) throw notAllowed(address, pool);
  const cidr = blockOf(address, pool.blockSize);
  return { pool, cidr, ordinal: ordinalOf(cidr, address) ?? 0 };
}

/** Where the pools are, for an address that is in none of them. */
export function outside(pools: readonly Pool[], usable: readonly Pool[], { family, text }: Address): string {
  const known = usable.filter((pool) => pool.cidr.family === family);
  const none = `No enabled pool contains ${text}: ${listed(known) || 'all are disabled'}`;
  const make = makePool(family, undefined);
  return noPool(pools, family) ?? `${none}; request an address from one of them, or add a pool with ${make}`;
}

/** The address's pool is not for workloads. */
export const notAllowed = (address: Address, { name, allowedUses }: Pool): Failure =>
  failure(
    `IP address ${address.text} is in IP pool "${name}", which is not allowed for use "${USE}" ` +
      `(allowedUses: [${allowedUses.join(' ')}])`,
    `Add ${USE} to the pool's allowedUses, or request an address from another pool`,
  );

/** The draft with those addresses of one block taken that the handle does not hold yet. */
function grant(view: View, setting: Setting, wishes: readonly Wish[], draft: Draft): Draft {
  const [first] = wishes;
  if (first === undefined) return draft;
  const { request, config } = setting;
  const { pool, cidr } = first;
  const found = blockAt(view, cidr, coolingOf(setting));
  const block = found ?? newBlock(cidr, request.node, request.now);
  const own = sanitizedHandle(request.handleID);
  const ordinals = wishes.map(({ ordinal }) => ordinal).filter((ordinal) => handleAt(block, ordinal) !== own);
  if (ordinals.length === 0) {
    const counted = countedIn(draft, first, ordinalsOf(block, own).length);
    return { ...counted, changes: [...counted.changes, ...unfinished(view, setting, cidr)] };
  }
  if (config.strict_affinity && !isOwnedBy(block, request.node)) throw foreign(block);
  const [holder] = ordinals.flatMap((ordinal) => holderAt(block, cidr, ordinal) ?? []);
  if (holder !== undefined) throw taken(holder);
  const place = { cidr, block, ordinals, pool: pool.name };
  if (found === undefined) {
    return take(draft, setting, { ...place, changes: [confirm(request.node, cidr)], guards: [poolRef(pool.name)] });
  }
  return take(draft, setting, { ...place, changes: claimOf(setting, cidr, found), guards: [] });
}

/** The draft with the handle's count for the block corrected: a killed call may have written only the block. */
const countedIn = (draft: Draft, { cidr, ordinal, pool }: Wish, held: number): Draft =>
  draft.counts.get(cidr.text) === held ? draft : keep(draft, cidr, held, assignedAt(cidr, ordinal, pool.name));

/** Makes this node's claim match the block: there is one exactly when the block is ours. */
function claimOf({ request, affine }: Setting, cidr: Cidr, block: Block): readonly Change[] {
  const claim = affine.find((each) => each.cidr.text === cidr.text);
  if (isOwnedBy(block, request.node)) return isConfirmed(claim) ? [] : [confirm(request.node, cidr)];
  return claim === undefined ? [] : [forget(claim)];
}

const foreign = (block: Block): Failure =>
  failure(
    'Block host affinity does not match',
    `Block ${block.cidr} ${block.affinity === undefined ? 'has no owner' : `belongs to ${block.affinity}`}, and strict affinity is on`,
  );

const taken = (holder: AddressHolder): Failure =>
  addressHeld(
    `resource already exists: ${holder.address} with error: Address already assigned in block`,
    `Held by ${holderText(holder)}`,
    [holder],
  );
