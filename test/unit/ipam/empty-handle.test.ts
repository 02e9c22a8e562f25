import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dropHandle, emptyHandles, rewriteBlocks } from '../../../ipam/release/empty-handle.ts';
import { releaseHandles } from '../../../ipam/release/release.ts';
import { containersHolding } from '../../../ipam/release/stale.ts';
import { type Actor, acting, carryOut, finish, interleave, pausedAt } from '../../support/fake-datastore/actor.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { Killed, killedAfter } from '../../support/fake-datastore/killed-call.ts';
import { add, call, SCENARIOS, SEED } from '../../support/fake-datastore/stepwise-world.ts';
import { cidr } from '../../support/inputs/cidr.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { usedAddresses } from '../../support/invariants/transitions.ts';
import { A, B, blockOf, claim, container, counts } from '../../support/stored/ipam-healthy.ts';
import { at, block, handle, pool } from '../../support/stored/ipam-world.ts';

const NETWORK = { network: 'net1' };
const EMPTY = { handleID: 'net1.far', blocks: [cidr(A)] };

/** How GC removes empty handles, on a node that need not be the container's or the block's. */
const collecting =
  (store: FakeStore, node = 'node1', kept = new Set<string>()): Actor<readonly string[]> =>
  async (gate) => {
    const steps = { stepwise: { node } };
    const found = await acting(store, () => emptyHandles({ ...NETWORK, node, kept }), steps)(gate);
    for (const each of found) {
      await acting(store, () => dropHandle(each.handleID), steps)(gate);
      await acting(store, () => rewriteBlocks(each), steps)(gate);
    }
    return found.map(({ handleID }) => handleID.slice('net1.'.length));
  };

const collect = (store: FakeStore, kept: readonly string[] = []) => finish(collecting(store, 'node1', new Set(kept)));

describe.each(['node1', 'node2'])('in a block of %s,', (owner) => {
  const seed = { ...claim(owner, A), ...blockOf(A, `host:${owner}`, {}), ...counts('net1.far', { [A]: 1 }) };
  /** The container's ADD goes on. */
  const borrowed = blockOf(
    A,
    `host:${owner}`,
    { 0: container('far', 'node3') },
    { sequenceNumber: 1795249881000000101n },
  );
  const borrow = (store: FakeStore) => {
    for (const [key, value] of Object.entries(borrowed)) store.put(key, value);
  };

  test('an empty handle is deleted and the block’s sequence number raised, so that a borrower decides again', async () => {
    const store = fakeStore(seed);
    expect(await collect(store)).toEqual(['far']);
    expect(store.get(handle('net1.far'))).toBeUndefined();
    expect(store.get(block(A))?.value).toContain('"sequenceNumber":1795249881000000101');
  });

  test('what another node borrows after a GC has looked stays its own', async () => {
    const store = fakeStore(seed);
    const goOn = await pausedAt(collecting(store), `write ${handle('net1.far')}`);
    borrow(store);
    const before = store.dump();
    await goOn();
    expect(store.dump()).toEqual(before);
  });

  test('a handle that a GC deletes just before another node has its address is written again', async () => {
    const store = fakeStore(seed);
    const goOn = await pausedAt(collecting(store), `write ${block(A)}`);
    expect(store.get(handle('net1.far'))).toBeUndefined();
    borrow(store);
    await goOn();
    expect(store.get(handle('net1.far'))?.value).toBe(`{"block":{"${A}":1},"deleted":false}`);
    expect(store.get(block(A))?.value).toBe(borrowed[block(A)]);
  });
});

test('a handle that is written again after its deletion stays', async () => {
  const store = fakeStore({ ...blockOf(A, 'host:node2', {}), ...counts('net1.far', { [A]: 1 }) });
  await carryOut(store, () => dropHandle('net1.far'));
  for (const [key, value] of Object.entries(counts('net1.far', { [A]: 1 }))) store.put(key, value);
  const before = store.dump();
  await carryOut(store, () => rewriteBlocks(EMPTY));
  expect(store.dump()).toEqual(before);
});

test.each([
  ['of a container that the runtime lists', { ...blockOf(A, 'host:node2', {}), ...counts('net1.kept', { [A]: 1 }) }],
  ['of another network', { ...blockOf(A, 'host:node2', {}), ...counts('net2.far', { [A]: 1 }) }],
  ['of a virtual machine', { ...blockOf(A, 'host:node2', {}), ...counts('net1.vmi.ns.vm', { [A]: 1 }) }],
  [
    'with an address in one of its blocks',
    {
      ...blockOf(A, 'host:node2', {}),
      ...blockOf(B, 'host:node3', { 0: container('far') }),
      ...counts('net1.far', { [A]: 1, [B]: 1 }),
    },
  ],
  ['with a block that cannot be read', { [block(A)]: '{', ...counts('net1.far', { [A]: 1 }) }],
  ['with a name that is not a CIDR', { ...blockOf(A, 'host:node2', {}), ...counts('net1.far', { [A]: 1, x: 1 }) }],
  ['that cannot be read', { ...blockOf(A, 'host:node2', {}), [handle('net1.far')]: '{' }],
])('a handle %s stays', async (_, seed) => {
  const store = fakeStore(seed);
  expect(await collect(store, ['kept'])).toEqual([]);
  expect(store.dump()).toEqual(seed);
});

const ONE_BLOCK = pool('p', { cidr: '10.0.0.0/30', blockSize: 30 });
/** Without transactions affinities may be pending at rest. */
const AT_REST = { except: [10, 11] };

/** GC of the container's node, as far as it is about what its containers hold. */
async function releaseHolding(store: FakeStore, node: string): Promise<void> {
  const request = { ...NETWORK, node, kept: new Set(['c0']) };
  const { containers } = await carryOut(store, () => containersHolding(request));
  const handleIDs = containers.filter((id) => id !== 'c0').map((id) => `net1.${id}`);
  if (handleIDs.length === 0) return;
  await carryOut(store, () => releaseHandles({ handleIDs, node, now: at(900), readOwnBlocks: true }));
}

describe.each(SCENARIOS.filter(({ name }) => /borrow|foreign/.test(name)))('$name,', (scenario) => {
  test.each([
    ['n1', 'n3'],
    ['n3', 'n1'],
  ])('killed after any write, leaves no address or handle after GC of %s and %s', async (...nodes) => {
    for (let writes = 0; ; writes++) {
      const store = fakeStore({ ...SEED, ...scenario.seed });
      await scenario.before?.(store);
      const ended = await call(store, scenario, killedAfter(writes, { node: 'n1' })).catch((thrown: unknown) => thrown);
      if (!(ended instanceof Killed)) break;
      for (const node of nodes) {
        await releaseHolding(store, node);
        await finish(collecting(store, node));
      }
      const left = Object.entries(store.dump()).filter(([key]) => /ipam.*(handle|block)/.test(key));
      expect(left.filter((entry) => entry.join().includes('net1.c1'))).toEqual([]);
    }
  });
});

/** An ADD that borrows and GCs of two other nodes, in the order of `choices`: what is wrong afterwards. */
async function collectedDuringAdd(choices: readonly number[], isRepeated: boolean): Promise<readonly string[]> {
  const store = fakeStore({ ...SEED, ...ONE_BLOCK });
  await add(store, 'n2', 'c0');
  // What an ADD that was killed before has left.
  if (isRepeated) store.put(handle('net1.c1'), '{"block":{"10.0.0.0/30":1},"deleted":false}');
  const adding: Actor<readonly string[]> = (gate) => add(store, 'n1', 'c1', {}, { stepwise: { node: 'n1' }, gate });
  const ends = await interleave([adding, collecting(store, 'n2'), collecting(store, 'n3')], choices);
  const [added = []] = ends.map((end) => (end !== undefined && 'value' in end ? end.value : [String(end?.thrown)]));
  const used = usedAddresses(store.dump());
  return [
    ...added.filter((address) => !used.includes(address)).map((address) => `${address} is not in use`),
    ...violations(store.dump(), AT_REST),
  ];
}

/** At least as many as there are. */
const ADD_STEPS = 18;
const GC_STEPS = 10;
const times = (count: number, choice: number) => Array.from({ length: count }, () => choice);

describe('GCs of other nodes cost an ADD that borrows neither handle nor address', () => {
  test('when one pauses at any step, while the ADD goes on from any step', async () => {
    for (let before = 0; before <= ADD_STEPS; before++) {
      for (let gc = 0; gc <= GC_STEPS; gc++) {
        for (const isRepeated of [false, true]) {
          const choices = [...times(before, 0), ...times(gc, 1), ...times(50, 0)];
          const wrong = await collectedDuringAdd(choices, isRepeated);
          expect(wrong, `${before} steps, then ${gc} of GC, repeated: ${isRepeated}`).toEqual([]);
        }
      }
    }
  });

  test('in any order of their steps', async () => {
    const order = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 40, maxLength: 40 });
    const runs = { numRuns: Number(process.env['FC_RUNS'] ?? 100) };
    await fc.assert(
      fc.asyncProperty(order, fc.boolean(), async (choices, isRepeated) => {
        expect(await collectedDuringAdd(choices, isRepeated)).toEqual([]);
      }),
      runs,
    );
  });
});
