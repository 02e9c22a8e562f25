import { transact } from '../../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../../shared/datastore/view.ts';
import { silent } from '../../../shared/log/log.ts';
import { fakeWorld } from '../host/fake-world.ts';
import { type ConnectOptions, connect } from './connection.ts';
import type { FakeStore } from './fake-store.ts';

/** Waits until an actor may make its next request, which it names. */
export type Gate = (step: string) => Promise<void>;

/** Something that works in steps of at most one request, and waits at the gate before each. */
export type Actor<T> = (gate: Gate) => Promise<T>;

/** Carries out a decision alone, as the plugins do. */
export function carryOut<A>(store: FakeStore, plan: () => Plan<Outcome<A>>, options: ConnectOptions = {}): Promise<A> {
  return transact({ store: connect(store, options), world: fakeWorld({}), log: silent, deadline: 60_000 }, plan);
}

/** A decision that is carried out while others act. */
export const acting =
  <A>(store: FakeStore, plan: () => Plan<Outcome<A>>, options: ConnectOptions = {}): Actor<A> =>
  (gate) =>
    carryOut(store, plan, { ...options, gate });

/** Steps written as a generator, which names each before it makes it. */
export const stepping =
  <T>(steps: Generator<string, T>): Actor<T> =>
  async (gate) => {
    let step = steps.next();
    while (!step.done) {
      await gate(step.value);
      step = steps.next();
    }
    return step.value;
  };

/** Runs an actor to its end. */
export const finish = <T>(actor: Actor<T>): Promise<T> => actor(async () => undefined);

/** How an actor ended: with a value, with what it threw, or killed on the way (undefined). */
export type End<T> = { readonly value: T } | { readonly thrown: unknown } | undefined;

/** An actor that waits before its next request, or has ended. */
interface Paused<T> {
  /** Lets it make the request. Resolves when it waits before the next, or has ended. */
  next(): Promise<void>;
  /** The request that it is about to make; undefined once it has ended. */
  step(): string | undefined;
  end(): End<T>;
}

/** Starts an actor and stops it before its first request. */
async function start<T>(actor: Actor<T>): Promise<Paused<T>> {
  let end: End<T>;
  let step: string | undefined;
  let pass = () => {};
  let arrived = () => {};
  const arrival = () =>
    new Promise<void>((resolve) => {
      arrived = resolve;
    });
  const gate: Gate = (name) =>
    new Promise((resolve) => {
      step = name;
      pass = resolve;
      arrived();
    });
  const ended = (how: End<T>) => {
    step = undefined;
    end = how;
    arrived();
  };
  const first = arrival();
  actor(gate).then(
    (value) => ended({ value }),
    (thrown: unknown) => ended({ thrown }),
  );
  await first;
  return {
    async next() {
      const there = arrival();
      pass();
      await there;
    },
    step: () => step,
    end: () => end,
  };
}

/** Runs an actor up to the first request of this name. Resolves to a function that runs the rest. */
export async function pausedAt<T>(actor: Actor<T>, step: string): Promise<() => Promise<T>> {
  const going = await start(actor);
  while (going.step() !== step) {
    if (going.step() === undefined) throw new Error(`it ended before any ${step}`);
    await going.next();
  }
  return async () => {
    while (going.step() !== undefined) await going.next();
    const end = going.end();
    if (end !== undefined && 'value' in end) return end.value;
    throw end?.thrown;
  };
}

/**
 * Runs actors step by step in the order of `choices` (each modulo the number of running actors, then round robin). A step of -1
 * kills the one whose turn it is.
 */
export async function interleave<T>(
  actors: readonly Actor<T>[],
  choices: readonly number[],
): Promise<readonly End<T>[]> {
  const all: Paused<T>[] = [];
  for (const actor of actors) all.push(await start(actor));
  const going = new Set(all.filter((each) => each.step() !== undefined));
  for (let turn = 0; going.size > 0; turn++) {
    const choice = choices[turn] ?? turn;
    const one = [...going][Math.abs(choice) % going.size];
    if (one === undefined) break;
    if (choice !== -1) await one.next();
    if (choice === -1 || one.step() === undefined) going.delete(one);
  }
  return all.map((each) => each.end());
}
