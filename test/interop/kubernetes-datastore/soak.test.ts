import { expect, test } from 'vitest';
import { faultBuild } from '../../faults/fault-build.ts';
import { soak } from '../../soak/run.ts';
import { hasKubernetes } from '../../support/kubernetes/api-server.ts';

/** Runs as long as you like with `npm run soak -- --datastore kubernetes`. */
const SHORT = { seconds: 15, nodes: 3, containers: 4, workers: 3, restartEvery: 5, auditEvery: 7 };
const SEED = 8;

test.skipIf(!hasKubernetes())(
  `${SHORT.seconds} s of random calls with kills and restarts of the API server: no duplicate, no leak, nothing lost`,
  { timeout: 180_000 },
  async () => {
    const given = {
      ...SHORT,
      datastore: 'kubernetes',
      seed: SEED,
      faulty: await faultBuild(),
      tell: () => {},
    } as const;
    const { counts, restarts, audits, problems } = await soak(given);
    expect(problems).toEqual([]);
    expect(audits).toBeGreaterThan(0);
    expect(restarts).toBeGreaterThan(0);
    for (const done of ['ADD done', 'DEL done']) expect(counts.get(done)).toBeGreaterThan(0);
  },
);
