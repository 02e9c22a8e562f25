import { beforeAll, describe, expect, test } from 'vitest';
import { allCases, killMany, tryAll } from '../../faults/campaign.ts';
import { faultBuild } from '../../faults/fault-build.ts';
import { problemsOf, problemsOfKills } from '../../faults/table.ts';
import { chance, sample } from '../../support/inputs/chance.ts';
import { hasKubernetes } from '../../support/kubernetes/api-server.ts';

const SEED = 8;
/** All cases take an hour: `npm run faults -- --datastore kubernetes`. */
const CASES = 12;
/** More with `npm run faults -- --datastore kubernetes --kills 1000`. */
const KILLS = 15;

describe.skipIf(!hasKubernetes())('on the Kubernetes datastore', () => {
  let subject: { readonly program: string; readonly datastore: 'kubernetes' };
  beforeAll(async () => {
    subject = { program: await faultBuild(), datastore: 'kubernetes' };
  }, 120_000);

  test.each(['first ADD on a node', 'DEL, borrowed address'])(
    `${CASES} faults of %s leave nothing once the runtime has followed up`,
    { timeout: 120_000 },
    async (name) => {
      const cases = await allCases(subject, name);
      expect(new Set(cases.map(({ fault }) => fault))).toContain('429');
      const chosen = sample(chance(SEED), cases, CASES);
      const outcomes = await tryAll({ ...subject, machines: 1 }, chosen);
      expect(outcomes).toHaveLength(CASES);
      expect(problemsOf(outcomes)).toEqual([]);
    },
  );

  test(`${KILLS} times kill -9 of ADD, DEL and GC, at any time, leave nothing either`, {
    timeout: 120_000,
  }, async () => {
    const kills = await killMany({ ...subject, machines: 1 }, chance(SEED), KILLS);
    expect(kills).toHaveLength(KILLS);
    expect(problemsOfKills(kills)).toEqual([]);
  });
});
