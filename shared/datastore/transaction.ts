import { internalError, isUnexpected } from '../error/engine-error.ts';
import type { Log } from '../log/log.ts';
import { endOfTurn, sleep } from '../system/pause.ts';
import type { World } from '../system/world.ts';
import type { Datastore, Guard, SeenChange } from './datastore.ts';
import { type KnownView, openView } from './known-view.ts';
import { type Entry, get, type Query } from './query.ts';
import { isSame, type Ref, textOf } from './ref.ts';
import { type DatastoreUnavailable, isOutcomeUnknown, isUnavailable, unavailable } from './unavailable.ts';
import type { Change, Outcome, Plan, View } from './view.ts';

export interface TransactOptions {
  readonly store: Pick<Datastore, 'read' | 'commit'>;
  /** `World.elapsed()` milliseconds. */
  readonly deadline: number;
  readonly world: World;
  readonly log: Log;
  /**
   * Called once, synchronously, while the second read or the first commit is in progress; never when neither is needed.
   * An exception in it ends the transaction, although the commit in progress may then succeed.
   */
  readonly meanwhile?: (view: View) => void;
}

interface Call extends TransactOptions {
  readonly view: KnownView;
  /** Whether the first read has been made. */
  begun: boolean;
  waiting: ((view: View) => void) | undefined;
}

/**
 * Reads, decides and commits once; decides again on fresh values when another writer was first, until the deadline.
 * Only what is changed or guarded is compared. Throws 'datastore unavailable', and whatever the plan throws.
 */
export async function transact<A>(options: TransactOptions, plan: () => Plan<Outcome<A>>): Promise<A> {
  const call: Call = { ...options, view: openView(), begun: false, waiting: options.meanwhile };
  for (let tries = 0; ; tries++) {
    const { changes, guards = [], remarks = [], answer } = await decide(call, plan());
    if (tries === 0) for (const remark of remarks) call.log.warn(remark);
    if (changes.length === 0) return answer;
    const seen = changes.map((change) => ({ ...change, ...seenBy(call, change.ref) }));
    const compared = beside(changes, guards).map((ref) => seenBy(call, ref));
    const { done, fresh, doubt, inTurn } = await commit(call, seen, compared);
    if (done) {
      logChanges(call.log, changes);
      return answer;
    }
    call.view.refresh(
      [...seen, ...compared].map(({ ref }) => ref),
      fresh,
    );
    if (!inTurn) await pause(call, tries, doubt);
  }
}

/** The guards of objects that are not changed as well, each once. */
function beside(changes: readonly Change[], guards: readonly Ref[]): readonly Ref[] {
  const others = guards.filter((ref) => !changes.some((change) => isSame(change.ref, ref)));
  return [...new Map(others.map((ref) => [textOf(ref), ref])).values()];
}

const seenBy = ({ view }: Call, ref: Ref): Guard => ({ ref, seen: view.get(ref)?.version });

function logChanges(log: Log, changes: readonly Change[]): void {
  for (const { ref, next } of changes) {
    log.info(next === undefined ? 'Deleted from the datastore' : 'Wrote to the datastore', { object: textOf(ref) });
  }
}

async function decide<T>(call: Call, plan: Plan<T>): Promise<T> {
  let step = advance(call, plan);
  while (!step.done) {
    await readInto(call, step.value);
    step = advance(call, plan);
  }
  return step.value;
}

/** When a plan fails unexpectedly, a stored value is the cause, most likely the one it looked at last. */
function advance<T>({ view }: Call, plan: Plan<T>): IteratorResult<readonly Query[], T> {
  try {
    return plan.next(view);
  } catch (thrown) {
    throw isUnexpected(thrown) ? internalError(thrown, 'processing data of the datastore', view.latest()) : thrown;
  }
}

async function readInto(call: Call, queries: readonly Query[]): Promise<void> {
  const missing = call.view.missing(queries);
  if (missing.length === 0) return;
  const reading = call.store.read(missing, call.deadline);
  const answers = await (call.begun ? during(call, reading) : reading);
  call.begun = true;
  for (const [at, answer] of answers.entries()) {
    const query = missing[at];
    if (query) call.view.learn(query, answer);
  }
}

interface Committed {
  readonly done: boolean;
  readonly fresh: readonly Entry[];
  readonly doubt?: DatastoreUnavailable;
  readonly inTurn: boolean;
}

async function commit(call: Call, changes: readonly SeenChange[], guards: readonly Guard[]): Promise<Committed> {
  try {
    const result = await during(call, call.store.commit(changes, guards, call.deadline));
    return result.done ? { done: true, fresh: [], inTurn: false } : { inTurn: false, ...result };
  } catch (thrown) {
    if (!isOutcomeUnknown(thrown)) throw thrown;
    call.log.warn('Commit got no answer, reading back', { reason: thrown.details ?? thrown.message });
    return { done: false, fresh: await readBack(call, [...changes, ...guards], thrown), doubt: thrown, inTurn: false };
  }
}

/**
 * The current state of the objects of a commit whose outcome is unknown, so that the plan can recognise its own changes. Tried
 * until the deadline or for five seconds: by then a member has usually restarted, or a leader been elected.
 */
async function readBack(call: Call, guards: readonly Guard[], doubt: DatastoreUnavailable): Promise<readonly Entry[]> {
  const queries = guards.map(({ ref }) => get(ref));
  const end = Math.min(call.deadline, call.world.elapsed() + 5_000);
  for (;;) {
    try {
      return (await call.store.read(queries, call.deadline)).flatMap((answer) => answer.entries);
    } catch (thrown) {
      if (!isUnavailable(thrown)) throw thrown;
      if (call.world.elapsed() + READ_BACK_PAUSE_MS < end) await sleep(READ_BACK_PAUSE_MS);
      else throw unknownStill(doubt, thrown);
    }
  }
}

const READ_BACK_PAUSE_MS = 100;

const unknownStill = (doubt: DatastoreUnavailable, thrown: DatastoreUnavailable): DatastoreUnavailable =>
  unavailable('outcome unknown', doubt.message, `${doubt.details}; reading back: ${thrown.details}`, thrown);

/** Runs `meanwhile` once the request has been sent. */
async function during<T>(call: Call, work: Promise<T>): Promise<T> {
  const meanwhile = call.waiting;
  if (!meanwhile) return work;
  call.waiting = undefined;
  const settled = work.then(
    () => {},
    () => {},
  );
  // HTTP/2 frames are passed to the kernel at the end of the event loop's turn, not when they are written.
  await endOfTurn();
  try {
    meanwhile(call.view);
  } finally {
    await settled;
  }
  return work;
}

/**
 * Lets other writers go first: up to 8 ms at first, doubling to 256 ms. Throws when the deadline is near, except after a
 * commit whose outcome is unknown: what was read back may be its success, which only the plan can tell.
 */
async function pause(call: Call, tries: number, doubt: DatastoreUnavailable | undefined): Promise<void> {
  const most = 8 * 2 ** Math.min(tries, 5);
  const wait = (most * (call.world.random(1)[0] ?? 0)) / 256;
  call.log.debug('Lost a race, deciding again', { tries: tries + 1, waitMs: Math.round(wait) });
  if (doubt === undefined && call.world.elapsed() + wait >= call.deadline) throw tooMany(tries + 1);
  await sleep(wait);
}

const tooMany = (tries: number): DatastoreUnavailable =>
  unavailable('timed out', 'the datastore kept changing under this call', `lost ${tries} races against other writers`);
