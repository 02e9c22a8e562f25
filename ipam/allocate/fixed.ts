import type { Block } from '../../shared/calico/model.ts';
import { blockRef, poolRef } from '../../shared/datastore/ref.ts';
import type { Change, Outcome, Plan, View } from '../../shared/datastore/view.ts';
import { type Failure, failure } from '../../shared/error/failure.ts';
import { type Address, parseAddress } from '../../shared/net/address.ts';
import { blockOf, type Cidr, nthAddress, ordinalOf } from '../../shared/net/cidr.ts';
import { confirm, forget, isConfirmed } from '../block/affinity.ts';
import { ask, blockAt } from '../block/ask.ts';
import { attributeAt, handleAt, isOwnedBy, newBlock, ordinalsOf, sanitizedHandle } from '../block/block.ts';
import type { StoredHandle } from '../block/handle.ts';
import { blocksIn, type Pool, poolOf } from '../config/pools.ts';
import { assignedAt, type Draft, keep, outcomeOf, startDraft, take } from './draft.ts';
import { lostBlocks, lostError } from './lost.ts';
import { listed, makePool, noPool } from './pool-advice.ts';
import { type Assignment, USE } from './request.ts';
import { coolingOf, type Setting } from './setting.ts';

/** An address asked for, and the block it belongs to by its pool's block size. */
interface Wish {
  readonly pool: Pool;
  readonly cidr: Cidr;
  readonly ordinal: number;
}

/**
 * Decides on addresses asked for by name, in any enabled pool that allows the use: reservations, selectors and limits do not
 * matter, as in the original. An address that the handle holds already is success; another's is refused.
 */
export function* assignFixed(view: View, setting: Setting, handle: StoredHandle): Plan<Outcome<Assignment>> {
  const wishes = [...new Set(setting.request.fixed)].map((text) => wishOf(setting, text));
  // One change a block, and the handle's: more than fit are refused before anything is done for them.
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

/** Objects that one commit may change and guard (etcd's default --max-txn-ops), less the endpoint and its profile. */
const MOST_OBJECTS = 126;

function inOneCommit(outcome: Outcome<Assignment>, wishes: readonly Wish[]): Outcome<Assignment> {
  requireRoom(outcome.changes.length + (outcome.guards?.length ?? 0), wishes);
  return outcome;
}

/** Refuses addresses of so many blocks that one commit cannot take them all: in two, others might get half of them. */
function requireRoom(objects: number, wishes: readonly Wish[]): void {
  if (objects <= MOST_OBJECTS) return;
  throw failure(
    `${wishes.length} addresses in ${blocksOf(wishes)} blocks are too many for one call`,
    `they need at least ${objects} changes in one commit, which has room for ${MOST_OBJECTS}: ask for addresses of fewer blocks`,
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

function outside(pools: readonly Pool[], usable: readonly Pool[], { family, text }: Address): string {
  const known = usable.filter((pool) => pool.cidr.family === family);
  const none = `No enabled pool contains ${text}: ${listed(known) || 'all are disabled'}`;
  const make = makePool(family, undefined);
  return noPool(pools, family) ?? `${none}; ask for an address of one, or make another with ${make}`;
}

const notAllowed = (address: Address, { name, allowedUses }: Pool): Failure =>
  failure(
    `IP address ${address.text} is in IP pool "${name}", which is not allowed for use "${USE}" ` +
      `(allowedUses: [${allowedUses.join(' ')}])`,
    `Add ${USE} to the pool's allowedUses, or ask for an address of another pool`,
  );

/** The draft with the addresses of one block taken that the handle does not hold yet. */
function grant(view: View, setting: Setting, wishes: readonly Wish[], draft: Draft): Draft {
  const [first] = wishes;
  if (first === undefined) return draft;
  const { request, config } = setting;
  const { pool, cidr } = first;
  const found = blockAt(view, cidr, coolingOf(setting));
  const block = found ?? newBlock(cidr, request.node, request.now);
  const own = sanitizedHandle(request.handleID);
  const ordinals = wishes.map(({ ordinal }) => ordinal).filter((ordinal) => handleAt(block, ordinal) !== own);
  if (ordinals.length === 0) return countedIn(draft, first, ordinalsOf(block, own).length);
  if (config.strict_affinity && !isOwnedBy(block, request.node)) throw foreign(block);
  const conflict = ordinals.find((ordinal) => block.allocations[ordinal] !== null);
  if (conflict !== undefined) throw taken(block, cidr, conflict);
  const place = { cidr, block, ordinals, pool: pool.name };
  if (found === undefined) {
    return take(draft, setting, { ...place, changes: [confirm(request.node, cidr)], guards: [poolRef(pool.name)] });
  }
  return take(draft, setting, { ...place, changes: claimOf(setting, cidr, found), guards: [] });
}

/** The draft with a handle that knows of its addresses in the block: a killed call may have written the block alone. */
const countedIn = (draft: Draft, { cidr, ordinal, pool }: Wish, held: number): Draft =>
  draft.counts.get(cidr.text) === held ? draft : keep(draft, cidr, held, assignedAt(cidr, ordinal, pool.name));

/** What sets this node's claim right: it stands exactly when the block is ours. */
function claimOf({ request, affine }: Setting, cidr: Cidr, block: Block): readonly Change[] {
  const claim = affine.find((each) => each.cidr.text === cidr.text);
  if (isOwnedBy(block, request.node)) return isConfirmed(claim) ? [] : [confirm(request.node, cidr)];
  return claim === undefined ? [] : [forget(claim)];
}

const foreign = (block: Block): Failure =>
  failure(
    'Block host affinity does not match',
    `Block ${block.cidr} belongs to ${block.affinity ?? 'nobody'}, and affinity is strict`,
  );

function taken(block: Block, cidr: Cidr, ordinal: number): Failure {
  const { handle_id, secondary, releasedAt } = attributeAt(block, ordinal) ?? {};
  const node = secondary?.['node'];
  const holder = handle_id ?? (releasedAt === undefined ? 'no handle' : `nobody, cooling down since ${releasedAt}`);
  return failure(
    `resource already exists: ${nthAddress(cidr, ordinal)} with error: Address already assigned in block`,
    `Held by ${holder}${node === undefined ? '' : ` on node ${node}`}`,
  );
}
