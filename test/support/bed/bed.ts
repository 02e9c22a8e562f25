import { expect, test as plain } from 'vitest';
import { violations } from '../invariants/invariants.ts';
import { type Bed, openBed } from './open-bed.ts';

export { type Bed, type CallChanges, type Container, openBed } from './open-bed.ts';

/** vitest's test with its own bed. What it leaves in etcd must satisfy the invariants of address management. */
export const test = plain.extend<{ bed: Bed }>({
  bed: async ({ task: _ }, use) => {
    const bed = await openBed();
    try {
      await use(bed);
      bed.etcd.resume();
      if (bed.etcd.isRunning())
        expect(violations(await bed.etcd.dump()), 'invariants of address management').toEqual([]);
    } finally {
      await bed.close();
    }
  },
});
