import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import { releaseHandles } from '../../../ipam/release/release.ts';
import { network, parseCidr } from '../../../shared/net/cidr.ts';
import { type Actor, acting, finish, interleave, stepping } from '../../support/fake-datastore/actor.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { originalAdd, originalDel, originalReleaseClaim } from '../../support/fake-datastore/original-writer.ts';
import { type Expectations, violations } from '../../support/invariants/invariants.ts';
import { usedAddresses } from '../../support/invariants/transitions.ts';
import { at, CONFIG, node, pool, request } from '../../support/stored/ipam-world.ts';

/** Four blocks of four addresses. */
const POOL = '10.0.0.0/28';
const SEED = { ...pool('p', { cidr: POOL, blockSize: 30 }), ...node('n1'), ...node('n2'), ...node('n3') };
const CIDR = parseCidr(POOL) ?? network(4, 0n, 0);

/** Set FC_RUNS=5000 for a thorough search. */
const RUNS = { numRuns: Number(process.env['FC_RUNS'] ?? 40) };
const PATIENT = { timeout: 600_000 };

interface Life {
  readonly node: string;
  readonly released: boolean;
  readonly kind: 'ours' | 'original' | 'original releasing its blocks';
}

type Kind = Life['kind'];
interface Wanted extends Expectations {
  readonly compares?: boolean;
  /** Our writes go out one object at a time. */
  readonly stepwise?: boolean;
}

const OURS: readonly Kind[] = ['ours'];
const MIXED: readonly Kind[] = ['ours', 'original'];
const ALL: readonly Kind[] = ['ours', 'original', 'original releasing its blocks'];

/** Far enough apart for empty blocks to change owners. */
const bornAt = (index: number): bigint => at(index * 40);

/** A container's life: its address, '' once it is released, undefined if it never had one. */
const live =
  (
    model: FakeStore,
    { node: name, released, kind }: Life,
    index: number,
    stepwise: boolean,
  ): Actor<string | undefined> =>
  async (gate) => {
    const now = bornAt(index);
    const original = { model, node: name, container: `c${index}`, now, pool: CIDR, blockSize: 30 };
    if (kind === 'original releasing its blocks') return (await stepping(originalReleaseClaim(original))(gate)) ?? '';
    const address = await (kind === 'ours' ? ourAdd(model, name, index, stepwise) : stepping(originalAdd(original)))(
      gate,
    );
    if (!released) return address;
    await (kind === 'ours' ? ourDel(model, name, index, stepwise) : stepping(originalDel(original)))(gate);
    return '';
  };

function ourDel(model: FakeStore, name: string, index: number, stepwise: boolean): Actor<unknown> {
  const handleIDs = [`net1.c${index}`, `c${index}`];
  return acting(model, () => releaseHandles({ handleIDs, node: name, now: bornAt(index) + 1n }), {
    stepwise: stepwise ? { node: name } : undefined,
  });
}

const ourAdd =
  (model: FakeStore, name: string, index: number, stepwise: boolean): Actor<string | undefined> =>
  async (gate) => {
    const { addresses } = await acting(model, () => assign(request(name, `c${index}`, { now: bornAt(index) })), {
      stepwise: stepwise ? { node: name } : undefined,
    })(gate);
    return addresses[0]?.address;
  };

/** The violations after these processes ran side by side. */
async function problems(
  lives: readonly Life[],
  choices: readonly number[],
  { compares = true, strict = false, stepwise = false, ...expected }: Wanted,
): Promise<readonly string[]> {
  const config = strict ? { [CONFIG]: '{"strict_affinity":true,"auto_allocate_blocks":true}' } : {};
  const model = fakeStore({ ...SEED, ...config }, { compares });
  const ends = await interleave(
    lives.map((each, index) => live(model, each, index, stepwise)),
    choices,
  );
  const given = ends.flatMap((end) => (end !== undefined && 'value' in end && end.value ? end.value : []));
  const used = usedAddresses(model.dump());
  const found = violations(model.dump(), { ...expected, strict });
  // Our DEL of each container must find whatever a killed process left.
  for (const [index, each] of lives.entries()) await finish(ourDel(model, each.node, index, stepwise));
  const left = { except: (expected.except ?? []).filter((number) => number < 14), released: true };
  return [
    ...found,
    ...violations(model.dump(), left),
    ...given.filter((address, index) => given.indexOf(address) !== index).map((address) => `${address} assigned twice`),
    ...given.filter((address) => !used.includes(address)).map((address) => `${address} assigned but free`),
    ...ends.flatMap((end) => (end !== undefined && 'thrown' in end ? unexpected(end.thrown) : [])),
  ];
}

const unexpected = (thrown: unknown): readonly string[] =>
  String(thrown).includes('failed to request IPv4 addresses') ? [] : [String(thrown)];

/** All violations in any order of any lives. With `killing`, some processes die between two steps. */
function searching(kinds: readonly Kind[], killing: boolean, wanted: Wanted = {}) {
  const life = fc.record({
    node: fc.constantFrom('n1', 'n2', 'n3'),
    released: fc.boolean(),
    kind: fc.constantFrom(...kinds),
  });
  const lives = fc.array(life, { minLength: 2, maxLength: 8 });
  const order = fc.array(fc.integer({ min: killing ? -1 : 0, max: 50 }), { maxLength: 150 });
  return fc.asyncProperty(lives, order, fc.boolean(), async (all, choices, strict) => {
    // The simulated original always borrows.
    expect(await problems(all, choices, { strict: strict && kinds === OURS, ...wanted })).toEqual([]);
  });
}

describe('under any interleaving of processes,', () => {
  test('ours never assign an address twice nor break an invariant', PATIENT, async () => {
    await fc.assert(searching(OURS, false), RUNS);
  });

  test('ours may be killed at any step without breaking an invariant', PATIENT, async () => {
    await fc.assert(searching(OURS, true), RUNS);
  });

  test('ours and the original never assign an address twice nor break an invariant', PATIENT, async () => {
    await fc.assert(searching(MIXED, false), RUNS);
  });

  test('an original that releases blocks may leave an affinity half released, and nothing else', PATIENT, async () => {
    await fc.assert(searching(ALL, false, { except: [10, 11] }), RUNS);
  });

  test('a killed original costs no other call its address, and our DEL finds what it left', PATIENT, async () => {
    await fc.assert(searching(ALL, true, { except: [10, 11, 12, 14, 15, 16] }), RUNS);
  });
});

/** Without transactions, affinities may be pending at rest and handles lag (K1, K6). */
const LAGGING = { stepwise: true, except: [10, 11] };

describe('under any interleaving of processes that write one object at a time,', () => {
  test('ours never assign an address twice nor break an invariant', PATIENT, async () => {
    await fc.assert(searching(OURS, false, LAGGING), RUNS);
  });

  test('ours may be killed at any write, and a DEL finds what they leave', PATIENT, async () => {
    await fc.assert(searching(OURS, true, { ...LAGGING, except: [10, 11, 14, 15, 16] }), RUNS);
  });

  test('ours and the original never assign an address twice', PATIENT, async () => {
    await fc.assert(searching(MIXED, false, LAGGING), RUNS);
  });
});

describe('without compares, the store', () => {
  test('allows addresses to be assigned twice, which these tests detect', PATIENT, async () => {
    expect((await fc.check(searching(OURS, false, { compares: false }))).failed).toBe(true);
    expect((await fc.check(searching(MIXED, false, { compares: false }))).failed).toBe(true);
  });

  test('allows two of our processes to take one address, which these tests detect', async () => {
    const twins: readonly Life[] = [1, 2].map(() => ({ node: 'n1', released: false, kind: 'ours' }));
    const found = await problems(twins, [], { compares: false });
    expect(found.some((problem) => problem.endsWith('assigned twice'))).toBe(true);
  });
});
