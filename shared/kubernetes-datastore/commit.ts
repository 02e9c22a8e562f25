import { commitSteps, type Write } from '../datastore/commit-steps.ts';
import type { CommitResult, Guard, SeenChange } from '../datastore/datastore.ts';
import { isSame, type Ref } from '../datastore/ref.ts';
import { type DatastoreUnavailable, isUnavailable, unavailable } from '../datastore/unavailable.ts';
import type { Reply } from '../kubernetes/failure.ts';
import { statusOf } from './api-status.ts';
import type { HeldObject } from './held.ts';
import { parse, type Reading, readObject } from './reading.ts';
import { refusal } from './refusal.ts';
import type { Verdict, WriteRequest } from './resource-access.ts';
import { takeBack, type Written } from './take-back.ts';

/** A commit under way. */
interface Commit {
  readonly reading: Reading;
  readonly deadline: number;
  /** The writes that succeeded, in phase order. */
  readonly written: Written[];
}

/**
 * Writes changes phase by phase, the objects of a phase in parallel. It stops after a phase that loses a race or is refused by
 * the server; after a refusal, what an ADD has written is taken back.
 *
 * A write compares only the object that it replaces. Guards are read again in parallel with the first phase, at no cost in time:
 * what another writer had changed before is noticed, and the call decides again. A change at that very moment is not:
 * - Of a pool, a claim or a new block: only the write of its block decides who gets an address.
 * - Of the addresses that a repeated ADD publishes: that is like a release just after the ADD. Calls for one container do not
 *   run at the same time.
 */
export async function commit(
  reading: Reading,
  node: string,
  wanted: readonly SeenChange[],
  guards: readonly Guard[],
  deadline: number,
  blocksWritten?: () => void,
): Promise<CommitResult> {
  const { held } = reading;
  const changes = withoutTwin(wanted);
  const refs = [...changes, ...guards].map(({ ref }) => ref);
  const lost = () => readFresh(reading, refs, deadline);
  if (!changes.every(({ ref, seen }) => held.get(ref)?.entry?.version === seen)) return lost();
  const phases = commitSteps(changes, (ref) => held.get(ref)?.entry?.value, node);
  const planned = new Map<Write, readonly WriteRequest[]>();
  // A change that can never be stored is refused before anything is written.
  for (const write of phases.flat()) planned.set(write, requestsOf(reading, write));
  const under: Commit = { reading, deadline, written: [] };
  for (const [at, phase] of phases.entries()) {
    const beside = at === 0 ? readAgain(guards, phases).map((doubt) => isAsSeen(reading, doubt, deadline)) : [];
    const made = phase
      .filter((write) => at === 0 || !isConfirmed(reading, write))
      .map((write) => make(under, write, (at === 0 && planned.get(write)) || requestsOf(reading, write)));
    const verdicts = await settle(under, [...made, ...beside], changes);
    if (verdicts.includes(false)) return lost();
    if (at === lastShared(phases)) blocksWritten?.();
  }
  return { done: true };
}

/** The last phase that writes what other containers of the node use as well. */
const lastShared = (phases: readonly (readonly Write[])[]): number =>
  phases.findLastIndex((phase) => phase.some(({ ref }) => ref.kind !== 'handle' && ref.kind !== 'WorkloadEndpoint'));

/** IPAM's settings and the resource IPAMConfiguration are one object here: a change of the resource is a change of both. */
const withoutTwin = (changes: readonly SeenChange[]): readonly SeenChange[] =>
  changes.some(({ ref }) => ref.kind === 'IPAMConfiguration')
    ? changes.filter(({ ref }) => ref.kind !== 'ipamConfig')
    : changes;

const requestsOf = ({ access, held }: Reading, { ref, next, change }: Write): readonly WriteRequest[] =>
  access(ref.kind).write({ ...change, next }, held.get(ref)?.object);

/** Reads the objects' current state. */
async function readFresh(reading: Reading, refs: readonly Ref[], deadline: number): Promise<CommitResult> {
  const entries = await Promise.all(refs.map((ref) => readObject(reading, ref, deadline)));
  return { done: false, fresh: entries.filter((entry) => entry !== undefined) };
}

/** An object that must be as this call has seen it; `next`: or already as this commit would write it. */
interface Doubt extends Guard {
  readonly next?: string | undefined;
}

/**
 * What is read again beside the first phase: the guards, and the affinities that only later phases write. Many ADDs at once on a new
 * node all find its affinity pending, and the first confirms it. Endpoints are left out: their own writes compare the pod, and
 * others change pods all the time.
 */
function readAgain(guards: readonly Guard[], [first = [], ...later]: readonly (readonly Write[])[]): readonly Doubt[] {
  const isFresh = ({ ref }: Write) => first.some((write) => isSame(write.ref, ref));
  const affinities = later.flat().filter((write) => write.ref.kind === 'affinity' && write.next && !isFresh(write));
  return [
    ...guards.filter(({ ref }) => ref.kind !== 'WorkloadEndpoint'),
    ...affinities.map(({ ref, next, change: { seen } }) => ({ ref, seen, next })),
  ];
}

async function isAsSeen(reading: Reading, { ref, seen, next }: Doubt, deadline: number): Promise<boolean> {
  const now = await readObject(reading, ref, deadline);
  return now?.version === seen || (next !== undefined && now?.value === next);
}

/** Whether another call has confirmed an affinity meanwhile, so that it need not be written. */
const isConfirmed = ({ held }: Reading, { ref, next }: Write): boolean =>
  ref.kind === 'affinity' && next !== undefined && held.get(ref)?.entry?.value === next;

/** Writes one object and returns whether it succeeded. */
async function make(commit: Commit, write: Write, requests: readonly WriteRequest[]): Promise<boolean> {
  const { reading, deadline } = commit;
  const before = reading.held.get(write.ref);
  for (const request of requests) {
    const reply = await reading.requests.send(request, deadline);
    const verdict = verdictOn(request, reply);
    if (verdict === 'lost') return false;
    if (verdict === 'refused') throw refusal(request.asked, reading.requests.server(), reply);
    reading.held.set(write.ref, after(reading, write, request, reply));
  }
  if (requests.length > 0) commit.written.push({ write, before });
  return true;
}

function verdictOn(request: WriteRequest, reply: Reply): Verdict {
  if (reply.status >= 200 && reply.status < 300) return 'in';
  const { status, message, details } = statusOf(reply);
  return request.verdict?.(status, message, details) ?? (status === 404 || status === 409 ? 'lost' : 'refused');
}

function after(reading: Reading, { ref }: Write, request: WriteRequest, reply: Reply): HeldObject | undefined {
  if (request.method === 'DELETE' || reply.status >= 300) return undefined;
  const object = parse(reading, request, reply);
  const entry = reading.access(ref.kind).decode(object);
  return { object, entry, written: reply.body };
}

/** Waits for all writes of a phase. If one succeeded and another got no answer, the outcome of the whole commit is unknown. */
async function settle(
  commit: Commit,
  made: readonly (boolean | Promise<boolean>)[],
  changes: readonly SeenChange[],
): Promise<readonly boolean[]> {
  const results = await Promise.allSettled(made);
  const thrown = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (thrown.length === 0) return results.map((result) => result.status === 'fulfilled' && result.value);
  const silent = thrown.find(isUnavailable);
  if (silent !== undefined) throw commit.written.length === 0 ? worst(thrown, silent) : inDoubt(silent);
  await takeBack(commit.reading, commit.written, changes, commit.deadline);
  throw thrown[0];
}

const worst = (thrown: readonly unknown[], silent: DatastoreUnavailable): DatastoreUnavailable =>
  thrown.filter(isUnavailable).find(({ reason }) => reason === 'outcome unknown') ?? silent;

const inDoubt = (silent: DatastoreUnavailable): DatastoreUnavailable =>
  unavailable('outcome unknown', silent.message, silent.details, silent);
