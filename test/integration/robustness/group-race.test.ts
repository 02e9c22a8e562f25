import { expect, test } from 'vitest';
import { raceForMembers } from '../../soak/group-race.ts';

/** `npm run soak -- --group-races 20` runs more. */
test('50 pods that start at once on three nodes share a group of 40: no duplicate, and no member unused', {
  timeout: 300_000,
}, async () => {
  expect(await raceForMembers({ datastore: 'etcd', rounds: 1, say: () => {} })).toEqual([]);
});
