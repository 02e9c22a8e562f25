import { expect, test } from 'vitest';
import { faultBuild } from '../../faults/fault-build.ts';
import { soak } from '../../soak/run.ts';

/** Runs as long as you like with `npm run soak`. */
const SHORT = { seconds: 15, nodes: 4, containers: 4, vms: 0, workers: 3, restartEvery: 6, auditEvery: 5 };
const SEED = 8;
const WANTED = ['ADD done', 'DEL done', 'DEL cut off done', 'stale release in the journal'];

test(`at least ${SHORT.seconds} s of random calls with kills and restarts of etcd: no duplicate, no leak, nothing lost`, {
  timeout: 500_000,
}, async () => {
  const { counts, restarts, audits, problems } = await soak({
    ...SHORT,
    wanted: WANTED,
    datastore: 'etcd',
    seed: SEED,
    faulty: await faultBuild(),
    say: () => {},
  });
  expect(problems).toEqual([]);
  expect(audits).toBeGreaterThan(0);
  expect(restarts).toBeGreaterThan(0);
  expect([...counts.keys()]).toEqual(expect.arrayContaining(WANTED));
});
