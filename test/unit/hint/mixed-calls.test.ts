import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import type { AssignRequest } from '../../../ipam/allocate/request.ts';
import { firstReads } from '../../../ipam/allocate/setting.ts';
import { readGroup } from '../../../ipam/group/read-group.ts';
import { releaseHandles } from '../../../ipam/release/release.ts';
import { releaseMachine } from '../../../ipam/release/release-machine.ts';
import { inTurnFromBlocksOn, type TurnStore } from '../../../shared/datastore/in-turn.ts';
import { readAhead } from '../../../shared/datastore/read-ahead.ts';
import { transact } from '../../../shared/datastore/transaction.ts';
import type { Outcome, Plan } from '../../../shared/datastore/view.ts';
import { interleave } from '../../support/fake-datastore/actor.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { usedAddresses } from '../../support/invariants/transitions.ts';
import { at, node, pool, request } from '../../support/stored/ipam-world.ts';
import { memoryFile, opened, queue, session } from './hinted-calls.ts';

/** Set FC_RUNS=5000 for a thorough search. */
const RUNS = { numRuns: Number(process.env['FC_RUNS'] ?? 40) };

const SEED = { ...pool('p', { cidr: '10.0.0.0/28', blockSize: 30 }), ...node('n1'), ...node('n2') };
const GROUP = { group: readGroup(['10.0.0.2-10.0.0.5'], 'args.cni.ipGroup'), ordinal: undefined, last: [] };
const MACHINE = 'net1.vmi.prod.vm1';

interface Pod {
  readonly name: string;
  readonly node: string;
  readonly wish: Partial<AssignRequest>;
  readonly isReleased: boolean;
}

const OF_MACHINE = (pod: string) => ({
  handleID: MACHINE,
  attributes: { namespace: 'prod', pod },
  machine: { isTarget: false },
});
/** The first pod is a virtual machine's: no other runs at the same time. */
const wishes = (index: number): fc.Arbitrary<Pod['wish']> =>
  index === 0
    ? fc.constant(OF_MACHINE('c0'))
    : fc.constantFrom<Pod['wish']>({}, { group: GROUP }, { fixed: ['10.0.0.3'] }, { fixed: ['10.0.0.4'] });
const podAt = (index: number): fc.Arbitrary<Pod> =>
  fc.record({
    name: fc.constant(`c${index}`),
    node: fc.constantFrom('n1', 'n2'),
    wish: wishes(index),
    isReleased: fc.boolean(),
  });
const podsOf = fc
  .integer({ min: 2, max: 7 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => podAt(index))));

const work = <A>(store: TurnStore, plan: () => Plan<Outcome<A>>): Promise<A> =>
  inTurnFromBlocksOn(store, (queueing) => transact({ ...session, store: queueing }, plan));

async function add(store: TurnStore, { name, node: its, wish }: Pod): Promise<string> {
  const wanted = request(its, name, { now: at(Number(name.slice(1))), ...wish });
  const ahead = readAhead(store, firstReads(wanted), session.deadline);
  await store.enter();
  const { addresses } = await transact({ ...session, store: ahead }, () => assign(wanted));
  return addresses[0]?.address ?? '';
}

/** A DEL in one call: of the container, and of the machine that it may have run. */
async function del(store: TurnStore, { name, node: its, wish }: Pod, readOwnBlocks: boolean): Promise<void> {
  await work(store, () => releaseHandles({ handleIDs: [`net1.${name}`], node: its, now: at(900), readOwnBlocks }));
  if (wish.machine === undefined) return;
  const machine = { handleID: MACHINE, isEnding: true };
  await work(store, () => releaseMachine({ machine, namespace: 'prod', pod: name, now: at(900) }));
}

/** A cluster of two nodes, each with its hint. */
function cluster(store: FakeStore, stepwise: boolean) {
  const files = new Map(['n1', 'n2'].map((name) => [name, memoryFile()]));
  return (name: string, gate?: (step: string) => Promise<void>): TurnStore => {
    const file = files.get(name) ?? memoryFile();
    const options = { ...(stepwise ? { stepwise: { node: name } } : {}), ...(gate && { gate }) };
    const place = { store, file, queue: queue(), node: name, options };
    return opened(place, stepwise ? { isTransactional: false } : {}).store;
  };
}

test.each([
  ['in one transaction', false],
  ['one object at a time', true],
])(
  'calls for groups, fixed addresses and a machine side by side break no invariant, writing %s',
  {
    timeout: 600_000,
  },
  async (_, stepwise) => {
    const except = stepwise ? [10, 11] : [];
    await fc.assert(
      fc.asyncProperty(podsOf, fc.array(fc.nat(50), { maxLength: 150 }), async (pods, choices) => {
        const store = fakeStore(SEED);
        const open = cluster(store, stepwise);
        const actors = pods.map((pod) => async (gate: (step: string) => Promise<void>) => {
          const given = await add(open(pod.node, gate), pod).catch((thrown: unknown) => String(thrown));
          const isGiven = given.startsWith('10.');
          if (!isGiven) expect(given).toMatch(/already assigned|already exists|is free/);
          if (isGiven && !pod.isReleased) return given;
          await del(open(pod.node, gate), pod, stepwise);
          return '';
        });
        const ends = await interleave(actors, choices);
        const given = ends.flatMap((end) => (end !== undefined && 'value' in end && end.value ? end.value : []));
        expect(ends.filter((end) => end !== undefined && 'thrown' in end)).toEqual([]);
        expect(violations(store.dump(), { except })).toEqual([]);
        expect(usedAddresses(store.dump()).toSorted()).toEqual(given.toSorted());
        for (const pod of pods) await del(open(pod.node), pod, stepwise);
        expect(violations(store.dump(), { released: true, except })).toEqual([]);
        expect(usedAddresses(store.dump())).toEqual([]);
      }),
      RUNS,
    );
  },
);
