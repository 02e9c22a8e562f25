import { expect, test } from 'vitest';
import { killMany } from '../../faults/campaign.ts';
import { faultBuild } from '../../faults/fault-build.ts';
import { problemsOfKills } from '../../faults/table.ts';
import { chance } from '../../support/inputs/chance.ts';

/** More with `npm run faults -- --kills 1000`. */
const KILLS = 40;
const SEED = 8;

test(`${KILLS} times kill -9 of ADD, DEL and GC, at any time, leave nothing that the runtime's next calls do not clean up`, {
  timeout: 300_000,
}, async () => {
  const kills = await killMany({ program: await faultBuild(), datastore: 'etcd', machines: 2 }, chance(SEED), KILLS);
  // Some two thirds; the others are over before the signal.
  expect(kills.filter(({ ended }) => ended === 'killed').length).toBeGreaterThan(KILLS / 4);
  expect(problemsOfKills(kills)).toEqual([]);
});
