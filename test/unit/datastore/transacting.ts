import type { Datastore } from '../../../shared/datastore/datastore.ts';
import { get, type Query } from '../../../shared/datastore/query.ts';
import type { Ref } from '../../../shared/datastore/ref.ts';
import type { TransactOptions } from '../../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../../shared/datastore/view.ts';
import { silent } from '../../../shared/log/log.ts';
import type { World } from '../../../shared/system/world.ts';

const start = performance.now();
/** A world with a running clock and constant randomness. */
export const world: World = {
  env: {},
  argv: [],
  stdin: () => '',
  stdinBytes: () => new Uint8Array(0),
  stdout: () => {},
  stderr: () => {},
  now: () => 0n,
  elapsed: () => performance.now() - start,
  random: (bytes) => new Uint8Array(bytes).fill(128),
};

/** What a transaction gets that may take this many milliseconds. */
export const within = (ms: number, store: Datastore, meanwhile?: () => void): TransactOptions => ({
  store,
  world,
  log: silent,
  deadline: world.elapsed() + ms,
  ...(meanwhile ? { meanwhile } : {}),
});

/** The object at a key that does not belong to Calico. */
export const at = (key: string): Ref => ({ kind: 'unknown', at: key });
export const one = (key: string): Query => get(at(key));

/**
 * Adds one to the number at /n and stores who did it, so that it recognizes its own write. Reads `first` before the
 * rest.
 */
export function* increment(me: string, first: readonly string[] = ['/n', `/by/${me}`]): Plan<Outcome<number>> {
  yield first.map(one);
  const view = yield [one('/n'), one(`/by/${me}`)];
  const done = view.get(at(`/by/${me}`));
  if (done) return { changes: [], answer: Number(done.value) };
  const next = Number(view.get(at('/n'))?.value ?? 0) + 1;
  const changes = [
    { ref: at('/n'), next: String(next) },
    { ref: at(`/by/${me}`), next: String(next) },
  ];
  return { changes, answer: next };
}
