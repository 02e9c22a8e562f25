import { blockRef } from '../../shared/datastore/ref.ts';
import type { Outcome, Plan, View } from '../../shared/datastore/view.ts';
import type { Family } from '../../shared/net/address.ts';
import type { Affine } from '../block/affinity.ts';
import { ask } from '../block/ask.ts';
import { readHandle, type StoredHandle } from '../block/handle.ts';
import { blockLimit } from '../config/ipam-config.ts';
import { requiredLabels } from '../config/node-labels.ts';
import type { Pool } from '../config/pools.ts';
import { assignMember } from './assign-member.ts';
import { borrow } from './borrow.ts';
import { candidatesIn, visit } from './candidates.ts';
import { claim, firstSearch } from './claim.ts';
import { unfinished } from './complete.ts';
import { type Draft, heldIn, keep, outcomeOf, startDraft, take } from './draft.ts';
import { assignFixed } from './fixed.ts';
import { lostBlocks, lostText } from './lost.ts';
import { assignToMachine } from './machine.ts';
import { usablePools } from './pool-choice.ts';
import { releaseUnselected, unselected } from './release-unselected.ts';
import type { Assignment, AssignRequest } from './request.ts';
import { coolingOf, firstReads, readSetting, type Setting } from './setting.ts';
import { explained, limitReached, notAllowedToClaim, type Shortage, shortageError } from './shortage.ts';

export { firstReads } from './setting.ts';

/**
 * Decides the addresses of one ADD: those its handle already holds; else one per requested family, the specific addresses
 * requested, or members of a fixed address group. All or nothing: changes for every address, or a Failure with Calico's text.
 *
 * Invariants while no call is writing, numbered as in test/support/invariants/invariants.ts, each with the test under test/unit/ipam that holds it:
 * - 14, 15, 16: per block, a handle counts exactly the addresses that the block assigns to it; interleaving.test.ts "ours may be
 *   killed at any step", mending.test.ts "an address without its handle key"
 * - 17, 18: no address from another node's block under strict affinity, no reserved one, none from a pool that excludes it;
 *   model.test.ts, pools.test.ts "%j is chosen for a node"
 * - 19: no more blocks than the limit; block-limit.test.ts "the limit of blocks per node"
 * - 22: parallel ADDs get distinct addresses; interleaving.test.ts "ours never assign an address twice"
 * - 23: a kill between any two steps breaks none of these, as there is one commit; interleaving.test.ts "ours may be killed"
 */
export function* assign(request: AssignRequest): Plan<Outcome<Assignment>> {
  const view = yield firstReads(request);
  try {
    const setting = readSetting(view, request);
    const handle = readHandle(view, request.handleID);
    yield* ask(view, handle.blocks.map(blockRef));
    const outcome = yield* request.machine === undefined
      ? assignNew(view, setting, handle)
      : assignToMachine(view, setting, handle, assignNew);
    return { ...outcome, remarks: setting.unread };
  } catch (thrown) {
    throw explained(thrown, view);
  }
}

function assignNew(view: View, setting: Setting, handle: StoredHandle): Plan<Outcome<Assignment>> {
  const { fixed, group } = setting.request;
  if (fixed.length > 0) return assignFixed(view, setting, handle);
  return group === undefined ? assignAny(view, setting, handle) : assignMember({ view, setting, wish: group, handle });
}

/** The work for one address family. */
interface Task {
  readonly family: Family;
  readonly pools: readonly Pool[];
  readonly candidates: readonly Affine[];
}

function* assignAny(view: View, setting: Setting, handle: StoredHandle): Plan<Outcome<Assignment>> {
  const { families } = setting.request;
  // The Node must exist even when the handle already holds addresses.
  requiredLabels(view, setting.request.node);
  const held = families.map((family) => heldIn(view, setting, handle.blocks, family)?.assigned);
  // Guarded, so that the caller notices when another call releases them meanwhile.
  const missing = handle.blocks.flatMap((cidr) => unfinished(view, setting, cidr));
  if (held.every((each) => each !== undefined))
    return { changes: missing, guards: [handle.ref], answer: { addresses: held, isNew: false } };
  const tasks = tasksOf(
    view,
    setting,
    families.filter((_, at) => held[at] === undefined),
  );
  const released = unselected(view, setting, tasks);
  yield* ask(
    view,
    [...tasks.flatMap(({ candidates }) => candidates), ...released].map(({ cidr }) => blockRef(cidr)),
  );
  const started = startDraft(view, setting, handle);
  let draft = releaseUnselected(view, setting, released, { ...started, changes: missing });
  const claims = tasks.flatMap(({ candidates }) => candidates);
  const careful = { ...setting, lost: yield* lostBlocks(view, claims, setting.request.handleID) };
  // Families without a block yet are searched in parallel.
  const bare = tasks.filter(({ candidates }) => candidates.length === 0);
  if (bare.length > 1 && setting.config.auto_allocate_blocks) {
    yield bare.flatMap(({ pools }) => firstSearch(careful, pools));
  }
  const shortages: Shortage[] = [];
  for (const task of tasks) {
    const step = yield* assignOne(view, careful, { ...task, released }, draft);
    if ('family' in step) shortages.push(step);
    else draft = step;
  }
  const [shortage] = shortages;
  if (shortage !== undefined) throw shortageError(shortage);
  const addresses = [...held.flatMap((each) => each ?? []), ...draft.assigned];
  return outcomeOf(
    draft,
    families.flatMap((family) => addresses.find((each) => each.family === family) ?? []),
  );
}

function tasksOf(view: View, setting: Setting, families: readonly Family[]): readonly Task[] {
  const labels = requiredLabels(view, setting.request.node);
  return families.map((family) => {
    const pools = usablePools(setting.pools, setting.request, family, labels);
    return { family, pools, candidates: candidatesIn(setting.affine, pools) };
  });
}

/** Own blocks first, then a block to claim, then others' blocks. */
function* assignOne(
  view: View,
  setting: Setting,
  task: Task & { readonly released: readonly Affine[] },
  draft: Draft,
): Plan<Draft | Shortage> {
  const { request, config } = setting;
  const { family, pools, candidates, released } = task;
  const found = heldIn(
    view,
    setting,
    // A killed DEL may have left an address in a block that it was releasing.
    [...candidates, ...released].map(({ cidr }) => cidr),
    family,
  );
  if (found !== undefined) {
    const kept = keep(draft, found.cidr, found.held, found.assigned);
    return { ...kept, changes: [...kept.changes, ...unfinished(view, setting, found.cidr)] };
  }
  const cooling = coolingOf(setting);
  const kept = candidates.filter(({ cidr }) => !setting.lost.has(cidr.text));
  const visited = visit(view, setting, kept, cooling);
  const mended = { ...draft, changes: [...draft.changes, ...visited.mends] };
  if (visited.place !== undefined) return take(mended, setting, visited.place);
  const limit = blockLimit(request.maxBlocks, config);
  const shortage: Shortage = {
    family,
    pools,
    limit,
    owned: visited.owned,
    setting,
    complaints: [...visited.complaints, ...[...setting.lost].map(lostText)],
  };
  if (visited.owned >= limit) throw limitReached(shortage);
  if (!config.auto_allocate_blocks) throw notAllowedToClaim(shortage);
  const place = (yield* claim(view, setting, pools, cooling)) ?? (yield* borrow(view, setting, pools, cooling));
  return place === undefined ? shortage : take(mended, setting, place);
}
