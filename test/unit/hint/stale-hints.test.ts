import fc from 'fast-check';
import { expect, test } from 'vitest';
import { interleave } from '../../support/fake-datastore/actor.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { usedAddresses } from '../../support/invariants/transitions.ts';
import { node, pool } from '../../support/stored/ipam-world.ts';
import { add, del, type MemoryFile, memoryFile, queue } from './hinted-calls.ts';

/** Four blocks of four addresses. */
const SEED = { ...pool('p', { cidr: '10.0.0.0/28', blockSize: 30 }), ...node('n1'), ...node('n2') };

/** Set FC_RUNS=5000 for a thorough search. */
const RUNS = { numRuns: Number(process.env['FC_RUNS'] ?? 60) };

/** What happens to a node's hint before a call: nothing, it is lost, an old one of any node comes back, or a part of it is lost. */
const fate = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ what: 'kept' as const }) },
  { weight: 1, arbitrary: fc.constant({ what: 'lost' as const }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('old' as const), which: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('cut' as const), at: fc.nat(2_000) }) },
);
type Fate = typeof fate extends fc.Arbitrary<infer T> ? T : never;

const life = fc.record({ node: fc.constantFrom('n1', 'n2'), released: fc.boolean(), fate, later: fate });

function suffer(file: MemoryFile, its: Fate, all: readonly string[]): void {
  if (its.what === 'lost') file.text = undefined;
  if (its.what === 'old' && all.length > 0) file.text = all[its.which % all.length];
  if (its.what === 'cut') file.text = file.text?.slice(0, its.at);
}

test('calls that run side by side with hints of any age, some of them killed, break no invariant', {
  timeout: 600_000,
}, async () => {
  const lives = fc.array(life, { minLength: 2, maxLength: 8 });
  const order = fc.array(fc.integer({ min: -1, max: 50 }), { maxLength: 120 });
  await fc.assert(
    fc.asyncProperty(lives, order, async (all, choices) => {
      const store = fakeStore(SEED);
      const files = { n1: memoryFile(), n2: memoryFile() };
      const history = () => [...files.n1.history, ...files.n2.history];
      // A killed call never ends its turn here: everyone has a queue of its own, which is as if nobody could lock.
      const placeOf = (name: 'n1' | 'n2') => ({ store, file: files[name], queue: queue(), node: name });
      const actors = all.map(
        ({ node: name, released, fate: before, later }, index) =>
          async (gate: (step: string) => Promise<void>) => {
            const place = { ...placeOf(name as 'n1' | 'n2'), options: { gate } };
            suffer(place.file, before, history());
            const { addresses } = await add(place, `c${index}`, async () => suffer(place.file, later, history()));
            if (!released) return addresses[0];
            suffer(place.file, later, history());
            await del(place, `c${index}`);
            return '';
          },
      );
      const ends = await interleave(actors, choices);
      const given = ends.flatMap((end) => (end !== undefined && 'value' in end && end.value ? end.value : []));
      const used = usedAddresses(store.dump());
      expect(violations(store.dump())).toEqual([]);
      expect(new Set(given).size).toBe(given.length);
      expect(given.filter((address) => !used.includes(address))).toEqual([]);
      for (const [index, { node: name }] of all.entries()) await del(placeOf(name as 'n1' | 'n2'), `c${index}`);
      expect(violations(store.dump(), { released: true })).toEqual([]);
    }),
    RUNS,
  );
});
