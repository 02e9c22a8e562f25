import type { CommitResult, Compare, RemoteStore } from '../../shared/datastore/store.ts';
import type { Answer, Read, Write } from '../../shared/datastore/view.ts';
import { endOfTurn } from '../../shared/system/pause.ts';
import { type FakeStore, fakeStore } from './fake-store.ts';
import { commitStepwise, type Stepwise } from './stepwise.ts';

type Kind = 'read' | 'commit';
type Hook = () => void;

/** One call's connection to a fake store. Hooks play the other writers and the network. */
export interface Connection extends RemoteStore, Pick<FakeStore, 'put' | 'remove' | 'dump'> {
  /** What was asked for, e.g. `read /n /by/a`, `commit /n`. */
  readonly calls: string[];
  /** Runs before, or after, the next request of this kind takes effect; what it throws is the answer. */
  before(kind: Kind, hook: Hook): void;
  after(kind: Kind, hook: Hook): void;
  beforeEvery(kind: Kind, hook: Hook): void;
  /** The commit under way takes effect only after the next read. */
  delayCommit(): void;
}

export interface ConnectOptions {
  /** Commits go in one object after the other; without it in one transaction. */
  readonly stepwise?: Stepwise | undefined;
  /** Waited for before every request: `read`, `commit`, or `write KEY` where commits are stepwise. A throw kills the call. */
  readonly gate?: (step: string) => Promise<void> | void;
  /** Runs after every request that writes; what it throws is the answer. */
  readonly written?: (step: string) => void;
}

/** Requests of one call beyond which it is taken to go round in circles. */
const MOST_REQUESTS = 2_000;

/** A connection to a store that holds `seed`. */
export const connected = (seed: Readonly<Record<string, string>>): Connection => connect(fakeStore(seed));

/** A connection to a store that others may use at the same time. */
export function connect(store: FakeStore, options: ConnectOptions = {}): Connection {
  const calls: string[] = [];
  const hooks = new Hooks();
  let late: Hook | undefined;
  let isDelayed = false;
  const request = async (call: string) => {
    calls.push(call);
    if (calls.length > MOST_REQUESTS)
      throw new Error(`more than ${MOST_REQUESTS} round trips: it goes round in circles`);
    // An answer never comes within the turn that asked.
    await endOfTurn();
  };
  return {
    calls,
    ...hooks.setters(),
    put: store.put,
    remove: store.remove,
    dump: store.dump,
    begin: async () => undefined,
    cluster: () => undefined,
    close: () => {},
    delayCommit() {
      isDelayed = true;
    },
    async read(reads) {
      await request(`read ${reads.map(({ from }) => from).join(' ')}`);
      hooks.run('before read');
      const answers = await answersTo(store, reads, options);
      late?.();
      late = undefined;
      hooks.run('after read');
      return answers;
    },
    async commit(compares, writes) {
      await request(`commit ${writes.map(({ key }) => key).join(' ')}`);
      try {
        hooks.run('before commit');
      } catch (thrown) {
        if (isDelayed) late = () => store.commit(compares, writes);
        isDelayed = false;
        throw thrown;
      }
      const result = await committed(store, compares, writes, options);
      hooks.run('after commit');
      return result;
    },
  };
}

/** One list or object is read after the other where commits are stepwise, too. */
async function answersTo(
  store: FakeStore,
  reads: readonly Read[],
  { stepwise, gate }: ConnectOptions,
): Promise<readonly Answer[]> {
  if (stepwise === undefined) {
    await gate?.('read');
    return store.read(reads);
  }
  const answers: Answer[] = [];
  for (const read of reads) {
    await gate?.('read');
    answers.push(...store.read([read]));
  }
  return answers;
}

async function committed(
  store: FakeStore,
  compares: readonly Compare[],
  writes: readonly Write[],
  { stepwise, gate, written }: ConnectOptions,
): Promise<CommitResult> {
  const beside = async <T>(step: string, work: () => T): Promise<T> => {
    await gate?.(step);
    const result = work();
    written?.(step);
    return result;
  };
  if (stepwise !== undefined) return commitStepwise(store, stepwise, compares, writes, beside);
  return beside('commit', () => store.commit(compares, writes));
}

/** What is to run at the moments of a connection. */
class Hooks {
  readonly #once: [string, Hook][] = [];
  readonly #every: [string, Hook][] = [];

  setters(): Pick<Connection, 'before' | 'after' | 'beforeEvery'> {
    return {
      before: (kind, hook) => this.#once.push([`before ${kind}`, hook]),
      after: (kind, hook) => this.#once.push([`after ${kind}`, hook]),
      beforeEvery: (kind, hook) => this.#every.push([`before ${kind}`, hook]),
    };
  }

  run(moment: string): void {
    for (const [when, hook] of this.#every) if (when === moment) hook();
    const next = this.#once.findIndex(([when]) => when === moment);
    if (next >= 0) this.#once.splice(next, 1)[0]?.[1]();
  }
}
