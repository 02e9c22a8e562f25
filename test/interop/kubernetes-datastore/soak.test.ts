import { expect, test } from 'vitest';
import { faultBuild } from '../../faults/fault-build.ts';
import { soak } from '../../soak/run.ts';
import { hasKubernetes } from '../../support/kubernetes/api-server.ts';

/** Runs as long as you like with `npm run soak -- --datastore kubernetes`. */
const SHORT = { seconds: 10, nodes: 3, containers: 4, vms: 2, workers: 3, restartEvery: 4, auditEvery: 5 };
const SEED = 8;
const WANTED = ['ADD done', 'DEL done', 'VM started', 'VM stopped', 'VM migrated', 'VM deleted'];

test.skipIf(!hasKubernetes())(
  `at least ${SHORT.seconds} s of random calls with kills and restarts of the API server: no duplicate, no leak, nothing lost`,
  { timeout: 500_000 },
  async () => {
    const given = {
      ...SHORT,
      wanted: WANTED,
      datastore: 'kubernetes',
      seed: SEED,
      faulty: await faultBuild(),
      say: () => {},
    } as const;
    const { counts, restarts, audits, problems } = await soak(given);
    expect(problems).toEqual([]);
    expect(audits).toBeGreaterThan(0);
    expect(restarts).toBeGreaterThan(0);
    expect([...counts.keys()]).toEqual(expect.arrayContaining(WANTED));
  },
);
