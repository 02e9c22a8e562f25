import type { Store } from '../../../shared/datastore/store.ts';
import type { TransactOptions } from '../../../shared/datastore/transaction.ts';
import { type Outcome, one, type Plan } from '../../../shared/datastore/view.ts';
import { silent } from '../../../shared/log/log.ts';
import type { World } from '../../../shared/system/world.ts';

const start = performance.now();
/** A world whose clock runs and whose chance is always the same. */
export const world: World = {
  env: {},
  argv: [],
  stdin: () => '',
  stdout: () => {},
  stderr: () => {},
  now: () => 0n,
  elapsed: () => performance.now() - start,
  random: (bytes) => new Uint8Array(bytes).fill(128),
};

/** What a transaction is given that may take so many milliseconds. */
export const within = (ms: number, store: Store, meanwhile?: () => void): TransactOptions => ({
  store,
  world,
  log: silent,
  deadline: world.elapsed() + ms,
  ...(meanwhile ? { meanwhile } : {}),
});

/** Adds one to the number at /n, and stores whose it was, so that it knows its own write. */
export function* increment(me: string): Plan<Outcome<number>> {
  const view = yield [one('/n'), one(`/by/${me}`)];
  const done = view.get(`/by/${me}`);
  if (done) return { writes: [], answer: Number(done.value) };
  const next = Number(view.get('/n')?.value ?? 0) + 1;
  const writes = [
    { key: '/n', value: String(next) },
    { key: `/by/${me}`, value: String(next) },
  ];
  return { writes, answer: next };
}
