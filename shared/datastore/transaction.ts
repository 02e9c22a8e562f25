import { internalError, isUnexpected } from '../error/error.ts';
import type { Log } from '../log/log.ts';
import { endOfTurn, sleep } from '../system/pause.ts';
import type { World } from '../system/world.ts';
import { type KnownView, openView } from './known-view.ts';
import type { Compare, Store } from './store.ts';
import { type DatastoreUnavailable, isOutcomeUnknown, isUnavailable, unavailable } from './unavailable.ts';
import { type Entry, type Outcome, one, type Plan, type Read, type View, type Write } from './view.ts';

export interface TransactOptions {
  readonly store: Store;
  /** `World.elapsed()` milliseconds. */
  readonly deadline: number;
  readonly world: World;
  readonly log: Log;
  /**
   * Called once, synchronously, while the second read or the first commit is under way; never when neither is needed.
   * What it throws ends the transaction, although the commit under way may then be in.
   */
  readonly meanwhile?: (view: View) => void;
}

interface Call extends TransactOptions {
  readonly view: KnownView;
  waiting: ((view: View) => void) | undefined;
}

/** etcd's default limit of operations in one Txn (--max-txn-ops). */
const MOST_OPERATIONS = 128;

/**
 * Reads, decides and commits once; decides anew on fresh values when another writer was first, until the deadline.
 * Only what is written or guarded is compared. Throws 'datastore unavailable', and whatever the plan throws.
 */
export async function transact<A>(
  options: TransactOptions,
  first: readonly Read[],
  plan: () => Plan<Outcome<A>>,
): Promise<A> {
  const call: Call = { ...options, view: openView(), waiting: options.meanwhile };
  await fetch(call, first, (work) => work);
  for (let tries = 0; ; tries++) {
    const { writes, guards = [], remarks = [], answer } = await decide(call, plan());
    if (tries === 0) for (const remark of remarks) call.log.warn(remark);
    if (writes.length === 0) return answer;
    const keys = new Set([...writes.map((write) => write.key), ...guards]);
    const compares = [...keys].map((key) => ({ key, modRevision: call.view.get(key)?.modRevision ?? 0 }));
    const { done, fresh, doubt, inTurn } = await commit(call, compares, writes);
    if (done) {
      tell(call.log, writes);
      return answer;
    }
    call.view.refresh([...keys], fresh);
    if (!inTurn) await pause(call, tries, doubt);
  }
}

function tell(log: Log, writes: readonly Write[]): void {
  for (const { key, value } of writes) log.info(value === undefined ? 'Deleted from etcd' : 'Wrote to etcd', { key });
}

async function decide<T>(call: Call, plan: Plan<T>): Promise<T> {
  let step = advance(call, plan);
  while (!step.done) {
    await fetch(call, step.value, (work) => during(call, work));
    step = advance(call, plan);
  }
  return step.value;
}

/** A decision that fails unexpectedly does so over a value that etcd holds, most likely the one it looked at last. */
function advance<T>({ view }: Call, plan: Plan<T>): IteratorResult<readonly Read[], T> {
  try {
    return plan.next(view);
  } catch (thrown) {
    throw isUnexpected(thrown) ? internalError(thrown, 'deciding on what etcd holds', view.latest()) : thrown;
  }
}

async function fetch(call: Call, reads: readonly Read[], beside: <T>(work: Promise<T>) => Promise<T>): Promise<void> {
  const missing = call.view.missing(reads);
  if (missing.length === 0) return;
  const parts = Array.from({ length: Math.ceil(missing.length / MOST_OPERATIONS) }, (_, part) =>
    missing.slice(part * MOST_OPERATIONS, (part + 1) * MOST_OPERATIONS),
  );
  const answers = await beside(Promise.all(parts.map((part) => call.store.read(part, call.deadline))));
  for (const [at, answer] of answers.flat().entries()) {
    const read = missing[at];
    if (read) call.view.learn(read, answer);
  }
}

interface Committed {
  readonly done: boolean;
  readonly fresh: readonly Entry[];
  readonly doubt?: DatastoreUnavailable;
  readonly inTurn: boolean;
}

async function commit(call: Call, compares: readonly Compare[], writes: readonly Write[]): Promise<Committed> {
  try {
    const result = await during(call, call.store.commit(compares, writes, call.deadline));
    return result.done ? { done: true, fresh: [], inTurn: false } : { inTurn: false, ...result };
  } catch (thrown) {
    if (!isOutcomeUnknown(thrown)) throw thrown;
    call.log.warn('Commit got no answer, reading back', { reason: thrown.details ?? thrown.message });
    return { done: false, fresh: await readBack(call, compares, thrown), doubt: thrown, inTurn: false };
  }
}

/**
 * The keys of a commit in doubt as they are now: the plan knows its own writes among them. Asked for until the deadline or
 * for five seconds: what cut the commit off, a member restarting or a leader lost, is over by then as a rule.
 */
async function readBack(
  call: Call,
  compares: readonly Compare[],
  doubt: DatastoreUnavailable,
): Promise<readonly Entry[]> {
  const reads = compares.map(({ key }) => one(key));
  const end = Math.min(call.deadline, call.world.elapsed() + 5_000);
  for (;;) {
    try {
      return (await call.store.read(reads, call.deadline)).flatMap((answer) => answer.entries);
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

/** Runs what was to be done meanwhile once the request has left. */
async function during<T>(call: Call, work: Promise<T>): Promise<T> {
  const meanwhile = call.waiting;
  if (!meanwhile) return work;
  call.waiting = undefined;
  const settled = work.then(
    () => {},
    () => {},
  );
  // HTTP/2 frames are handed to the kernel at the end of the event loop's turn, not when they are written.
  await endOfTurn();
  try {
    meanwhile(call.view);
  } finally {
    await settled;
  }
  return work;
}

/**
 * Lets other writers pass: up to 8 ms at first, doubling to 256 ms. Throws when the deadline is near, except after a commit
 * in doubt: what was read back may be its success, which only the plan can tell.
 */
async function pause(call: Call, tries: number, doubt: DatastoreUnavailable | undefined): Promise<void> {
  const most = 8 * 2 ** Math.min(tries, 5);
  const wait = (most * (call.world.random(1)[0] ?? 0)) / 256;
  call.log.debug('Not committed, deciding anew', { tries: tries + 1, waitMs: Math.round(wait) });
  if (doubt === undefined && call.world.elapsed() + wait >= call.deadline) throw tooMany(tries + 1);
  await sleep(wait);
}

const tooMany = (tries: number): DatastoreUnavailable =>
  unavailable('timed out', 'etcd kept changing under this call', `lost ${tries} races against other writers`);
