import type { Datastore } from '../../../shared/datastore/datastore.ts';
import { etcdDatastore } from '../../../shared/etcd/datastore.ts';
import type { Compare, KeyStore, Put, Range, Read, TxnResult } from '../../../shared/etcd/key-store.ts';
import { keyOf } from '../../../shared/etcd/keys.ts';
import { endOfTurn } from '../../../shared/system/pause.ts';
import { type FakeStore, fakeStore } from './fake-store.ts';
import { commitStepwise, type Stepwise } from './stepwise.ts';

type Kind = 'read' | 'commit';
type Hook = () => void;

/** A call's connection to a fake store. Hooks act as other writers and the network. */
export interface Connection extends Datastore, Pick<FakeStore, 'put' | 'remove' | 'dump'> {
  /** The requests, e.g. `read /n /by/a`, `commit /n`. */
  readonly calls: string[];
  /** Runs before or after the next request of this kind takes effect. What it throws is the answer. */
  before(kind: Kind, hook: Hook): void;
  after(kind: Kind, hook: Hook): void;
  beforeEvery(kind: Kind, hook: Hook): void;
  /** The current commit takes effect only after the next read. */
  delayCommit(): void;
}

export interface ConnectOptions {
  /** Commits write one object after the other; without it in one transaction. */
  readonly stepwise?: Stepwise | undefined;
  /** Awaited before every request: `read`, `commit`, or `write KEY` with stepwise commits. A throw kills the call. */
  readonly gate?: (step: string) => Promise<void> | void;
  /** Runs after every request that writes. What it throws is the answer. */
  readonly written?: (step: string) => void;
}

/** With more requests, a call must be in an endless loop. */
const MOST_REQUESTS = 2_000;

/** A connection to a store that holds `seed`. */
export const connected = (seed: Readonly<Record<string, string>>): Connection => connect(fakeStore(seed));

/** A connection to a store that others may use at the same time: the etcd adapter over it. */
export function connect(store: FakeStore, options: ConnectOptions = {}): Connection {
  const calls: string[] = [];
  const hooks = new Hooks();
  const late = new LateCommit();
  const request = (call: string) => counted(calls, call);
  const hooked: Hooked = async (keys, work, again) => {
    await request(`commit ${keys.join(' ')}`);
    try {
      hooks.run('before commit');
    } catch (thrown) {
      late.keep(again);
      throw thrown;
    }
    const result = await work();
    hooks.run('after commit');
    return result;
  };
  const keys: KeyStore = {
    async read(reads) {
      await request(`read ${reads.map(({ from }) => from).join(' ')}`);
      hooks.run('before read');
      const ranges = await rangesOf(store, reads, options);
      late.run();
      hooks.run('after read');
      return ranges;
    },
    commit: (compares, puts) => {
      const again = () => void store.commit(compares, puts);
      return hooked(
        puts.map(({ key }) => key),
        () => committed(store, compares, puts, options),
        again,
      );
    },
  };
  const datastore = over(keys);
  const { put, remove, dump } = store;
  const commit =
    options.stepwise === undefined ? datastore.commit : stepwiseOver(store, options.stepwise, options, hooked);
  return { ...datastore, commit, calls, ...hooks.setters(), put, remove, dump, delayCommit: () => late.expect() };
}

/** Commits between the hooks. `again` carries out later what the network delayed. */
type Hooked = <T>(keys: readonly string[], work: () => Promise<T>, again: () => void) => Promise<T>;

/** Notes a request, and ends an endless loop of requests. */
async function counted(calls: string[], call: string): Promise<void> {
  calls.push(call);
  if (calls.length > MOST_REQUESTS) throw new Error(`more than ${MOST_REQUESTS} round trips: it goes round in circles`);
  // An answer never arrives in the same turn of the event loop.
  await endOfTurn();
}

const over = (keys: KeyStore): Datastore =>
  etcdDatastore(keys, { begin: async () => undefined, cluster: () => undefined, close: () => {} });

/** Commits one object after the other. */
function stepwiseOver(
  store: FakeStore,
  how: Stepwise,
  { gate, written }: ConnectOptions,
  hooked: Hooked,
): Datastore['commit'] {
  const bare: KeyStore = {
    read: async (reads) => store.read(reads),
    commit: async (compares, puts) => store.commit(compares, puts),
  };
  const beside = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
    await gate?.(step);
    const result = await work();
    written?.(step);
    return result;
  };
  const { commit } = over(bare);
  return (changes, guards) => {
    const work = () => commitStepwise({ store, commit }, how, changes, guards, beside);
    const keys = changes.map(({ ref }) => keyOf(ref));
    return hooked(keys, work, () => void work());
  };
}

/** With stepwise commits, lists and objects are also read one after the other. */
async function rangesOf(
  store: FakeStore,
  reads: readonly Read[],
  { stepwise, gate }: ConnectOptions,
): Promise<readonly Range[]> {
  if (stepwise === undefined) {
    await gate?.('read');
    return store.read(reads);
  }
  const ranges: Range[] = [];
  for (const read of reads) {
    await gate?.('read');
    ranges.push(...store.read([read]));
  }
  return ranges;
}

async function committed(
  store: FakeStore,
  compares: readonly Compare[],
  puts: readonly Put[],
  { gate, written }: ConnectOptions,
): Promise<TxnResult> {
  await gate?.('commit');
  const result = store.commit(compares, puts);
  written?.('commit');
  return result;
}

/** A commit that takes effect after its caller has stopped waiting. */
class LateCommit {
  #isExpected = false;
  #commit: (() => void) | undefined;

  expect(): void {
    this.#isExpected = true;
  }

  keep(commit: () => void): void {
    if (this.#isExpected) this.#commit = commit;
    this.#isExpected = false;
  }

  run(): void {
    this.#commit?.();
    this.#commit = undefined;
  }
}

/** The hooks of a connection. */
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
