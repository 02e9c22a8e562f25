import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import { readGroup } from '../../../ipam/group/read-group.ts';
import { releaseHandles } from '../../../ipam/release/release.ts';
import { network } from '../../../shared/net/cidr.ts';
import { type Actor, acting, type End, finish, interleave, stepping } from '../../support/fake-datastore/actor.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { originalAdd } from '../../support/fake-datastore/original-writer.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { usedAddresses } from '../../support/invariants/transitions.ts';
import { at, node, pool, request } from '../../support/stored/ipam-world.ts';

/** Set FC_RUNS=5000 for a thorough search. */
const RUNS = { numRuns: Number(process.env['FC_RUNS'] ?? 40) };
const PATIENT = { timeout: 600_000 };

/** Four blocks of four addresses; a group of three, in two of them. */
const POOL = '10.0.0.0/28';
const SEED = { ...pool('p', { cidr: POOL, blockSize: 30 }), ...node('n1'), ...node('n2'), ...node('n3') };
const MEMBERS = ['10.0.0.2', '10.0.0.3', '10.0.0.4'];
const NODES = ['n1', 'n2', 'n3'];
const group = { group: readGroup(['10.0.0.2-10.0.0.4'], 'args.cni.ipGroup'), ordinal: undefined, last: [] };

interface Racing {
  readonly pods: number;
  /** How many of them are the original's, which takes any address of the pool. */
  readonly originals?: number;
  readonly stepwise: boolean;
}

const nodeOf = (pod: number): string => NODES[pod % NODES.length] ?? '';
const optionsOf = (pod: number, { stepwise }: Racing) => (stepwise ? { stepwise: { node: nodeOf(pod) } } : {});

function starting(store: FakeStore, pod: number, racing: Racing): Actor<string | undefined> {
  const now = at(pod * 40);
  if (pod < (racing.originals ?? 0)) {
    const cidr = network(4, 0x0a000000n, 28);
    return stepping(
      originalAdd({ model: store, node: nodeOf(pod), container: `c${pod}`, now, pool: cidr, blockSize: 30 }),
    );
  }
  return async (gate) => {
    const plan = () => assign(request(nodeOf(pod), `c${pod}`, { now, group }));
    try {
      return (await acting(store, plan, optionsOf(pod, racing))(gate)).addresses[0]?.address;
    } catch (thrown) {
      // A failed ADD takes back what it may have written.
      await stopping(store, pod, racing)(gate);
      throw thrown;
    }
  };
}

function stopping(store: FakeStore, pod: number, racing: Racing): Actor<unknown> {
  const request = { handleIDs: [`net1.c${pod}`], node: nodeOf(pod), now: at(900), readOwnBlocks: racing.stepwise };
  return acting(store, () => releaseHandles(request), optionsOf(pod, racing));
}

const given = (ends: readonly End<string | undefined>[]): readonly string[] =>
  ends.flatMap((end) => (end !== undefined && 'value' in end && end.value !== undefined ? end.value : []));
const refusals = (ends: readonly End<string | undefined>[]): readonly string[] =>
  ends.flatMap((end) => (end !== undefined && 'thrown' in end ? String(end.thrown) : []));

/** What is wrong after these pods have started in this order of steps, and after their DELs. */
async function problems(racing: Racing, choices: readonly number[], killing: boolean): Promise<readonly string[]> {
  const store = fakeStore(SEED);
  const pods = Array.from({ length: racing.pods }, (_, pod) => pod);
  const ends = await interleave(
    pods.map((pod) => starting(store, pod, racing)),
    choices,
  );
  const used = usedAddresses(store.dump());
  const lagging = racing.stepwise ? [10, 11, ...(killing ? [14, 15, 16] : [])] : [];
  const found = violations(store.dump(), { except: lagging });
  const addresses = given(ends);
  for (const pod of pods) await finish(stopping(store, pod, racing));
  return [
    ...found,
    ...violations(store.dump(), { released: true, except: lagging.filter((each) => each < 14) }),
    ...addresses.filter((one, index) => addresses.indexOf(one) !== index).map((one) => `${one} assigned twice`),
    ...addresses.filter((one) => !used.includes(one)).map((one) => `${one} assigned but free`),
    ...addresses.slice(racing.originals ?? 0).filter((one) => !MEMBERS.includes(one) && racing.originals === undefined),
    ...refusals(ends).filter((text) => !text.includes('no IPv4 address of the fixed address group is free')),
    ...(killing || racing.originals !== undefined || addresses.length === Math.min(racing.pods, MEMBERS.length)
      ? []
      : [`${addresses.length} of ${racing.pods} pods have a member`]),
  ];
}

const searching = (racing: Omit<Racing, 'pods'>, killing = false) =>
  fc.asyncProperty(
    fc.integer({ min: 2, max: 6 }),
    fc.array(fc.integer({ min: killing ? -1 : 0, max: 50 }), { maxLength: 120 }),
    async (pods, choices) => {
      expect(await problems({ ...racing, pods }, choices, killing)).toEqual([]);
    },
  );

describe.each([
  ['in one transaction', false],
  ['one object at a time', true],
])('of pods that start at once, writing %s,', (_, stepwise) => {
  test('each gets its own member, as long as there are any', PATIENT, async () => {
    await fc.assert(searching({ stepwise }), RUNS);
  });
  test('some may be killed at any step', PATIENT, async () => {
    await fc.assert(searching({ stepwise }, true), RUNS);
  });
  test('none takes an address that the original assigns from the same blocks', PATIENT, async () => {
    await fc.assert(searching({ stepwise, originals: 2 }), RUNS);
  });
});
