import { type KnownView, openView } from '../../shared/datastore/known-view.ts';
import type { CommitResult, Compare } from '../../shared/datastore/store.ts';
import type { Answer, Entry, Outcome, Plan, Read, Write } from '../../shared/datastore/view.ts';

/** etcd's rules on a Map, without waiting: one revision counter, ranges in key order, all-or-nothing commits. */
export interface EtcdModel {
  read(reads: readonly Read[]): readonly Answer[];
  commit(compares: readonly Compare[], writes: readonly Write[]): CommitResult;
  get(key: string): Entry | undefined;
  put(key: string, value: string): void;
  /** Every key with its value. */
  dump(): Readonly<Record<string, string>>;
  /** Round trips so far, e.g. `read 6`, `commit 3`. */
  readonly trips: readonly string[];
}

export interface ModelOptions {
  /** `false` makes every commit succeed whatever it compares: what a test must catch. */
  readonly compares?: boolean;
  /** Called after every commit that went in, with the dumps before and after. */
  readonly onCommit?: (before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) => void;
}

/** A model holding `seed`, written at revision 1. */
export function openModel(seed: Readonly<Record<string, string>>, options: ModelOptions = {}): EtcdModel {
  const entries = new Map<string, Entry>(
    Object.entries(seed).map(([key, value]) => [key, { key, value, modRevision: 1 }]),
  );
  const trips: string[] = [];
  let revision = 1;
  const dump = () => Object.fromEntries([...entries.values()].map(({ key, value }) => [key, value]));
  const apply = (writes: readonly Write[]) => {
    const before = options.onCommit === undefined ? {} : dump();
    revision++;
    for (const { key, value } of writes) {
      if (value === undefined) entries.delete(key);
      else entries.set(key, { key, value, modRevision: revision });
    }
    options.onCommit?.(before, dump());
  };
  return {
    trips,
    dump,
    get: (key) => entries.get(key),
    put: (key, value) => apply([{ key, value }]),
    read(reads) {
      trips.push(`read ${reads.length}`);
      return reads.map((read) => answer(entries, read));
    },
    commit(compares, writes) {
      trips.push(`commit ${writes.length}`);
      const keys = writes.map(({ key }) => key);
      if (new Set(keys).size !== keys.length) throw new Error(`duplicate key given in txn request: ${keys.join(' ')}`);
      if (compares.length > 128 || writes.length > 128) throw new Error('too many operations in txn request');
      const holds = compares.every(({ key, modRevision }) => (entries.get(key)?.modRevision ?? 0) === modRevision);
      if (!holds && options.compares !== false) {
        return { done: false, fresh: compares.flatMap(({ key }) => entries.get(key) ?? []) };
      }
      apply(writes);
      return { done: true };
    },
  };
}

function answer(entries: ReadonlyMap<string, Entry>, { from, to, only, limit = 0 }: Read): Answer {
  const inRange = (key: string) => (to === undefined ? key === from : key >= from && key < to);
  const found = [...entries.values()].filter(({ key }) => inRange(key)).sort((a, b) => (a.key < b.key ? -1 : 1));
  const shown = only === 'count' ? [] : found.slice(0, limit === 0 ? undefined : limit);
  return {
    entries: only === 'keys' ? shown.map((entry) => ({ ...entry, value: '' })) : shown,
    more: only !== 'count' && shown.length < found.length,
    count: found.length,
  };
}

/** Something that works in steps, each one round trip at most; it names the step it is about to make. */
export type Actor<T> = Generator<string, T>;

/** A decision carried out as `transact` does it, stopping before every read and every commit. */
export function* acting<A>(model: EtcdModel, plan: () => Plan<Outcome<A>>): Actor<A> {
  const view = openView();
  for (let tries = 0; tries < 1000; tries++) {
    const { writes, guards = [], answer: outcome } = yield* deciding(model, view, plan());
    if (writes.length === 0) return outcome;
    const keys = [...new Set([...writes.map(({ key }) => key), ...guards])];
    const compares = keys.map((key) => ({ key, modRevision: view.get(key)?.modRevision ?? 0 }));
    yield 'commit';
    const result = model.commit(compares, writes);
    if (result.done) return outcome;
    view.refresh(keys, result.fresh);
  }
  throw new Error('lost a thousand races');
}

function* deciding<T>(model: EtcdModel, view: KnownView, plan: Plan<T>): Actor<T> {
  let step = plan.next(view);
  while (!step.done) {
    const missing = view.missing(step.value);
    if (missing.length > 0) {
      yield 'read';
      for (const [at, told] of model.read(missing).entries()) view.learn(missing[at] ?? { from: '' }, told);
    }
    step = plan.next(view);
  }
  return step.value;
}

/** Carries a decision out alone. */
export function carryOut<A>(model: EtcdModel, plan: () => Plan<Outcome<A>>): A {
  return finish(acting(model, plan));
}

/** Lets an actor go to its end. */
export function finish<T>(actor: Actor<T>): T {
  let step = actor.next();
  while (!step.done) step = actor.next();
  return step.value;
}

/** How an actor ended: with a value, with what it threw, or killed on the way (undefined). */
export type End<T> = { readonly value: T } | { readonly thrown: unknown } | undefined;

/**
 * Lets actors go step by step in the order that `choices` give (each taken modulo those still going, then round robin).
 * A step of -1 kills the one whose turn it is.
 */
export function interleave<T>(actors: readonly Actor<T>[], choices: readonly number[]): readonly End<T>[] {
  const ends: End<T>[] = actors.map(() => undefined);
  const going = new Set(actors.keys());
  for (let turn = 0; going.size > 0; turn++) {
    const choice = choices[turn] ?? turn;
    const at = [...going][Math.abs(choice) % going.size] ?? 0;
    if (choice === -1) going.delete(at);
    else advance(actors, at, ends, going);
  }
  return ends;
}

function advance<T>(actors: readonly Actor<T>[], at: number, ends: End<T>[], going: Set<number>): void {
  try {
    const step = actors[at]?.next();
    if (step?.done !== true) return;
    ends[at] = { value: step.value };
  } catch (thrown) {
    ends[at] = { thrown };
  }
  going.delete(at);
}
