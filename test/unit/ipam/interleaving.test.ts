import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import { releaseHandles } from '../../../ipam/release/release.ts';
import { network, parseCidr } from '../../../shared/net/cidr.ts';
import { type Actor, acting, type EtcdModel, finish, interleave, openModel } from '../../support/etcd-model.ts';
import { type Expectations, violations } from '../../support/invariants.ts';
import { at, CONFIG, node, pool, request } from '../../support/ipam-world.ts';
import { originalAdd, originalDel, originalReleaseClaim } from '../../support/original-writer.ts';
import { usedAddresses } from '../../support/transitions.ts';

/** Four blocks of four addresses. */
const POOL = '10.0.0.0/28';
const SEED = { ...pool('p', { cidr: POOL, blockSize: 30 }), ...node('n1'), ...node('n2'), ...node('n3') };
const CIDR = parseCidr(POOL) ?? network(4, 0n, 0);

/** FC_RUNS=5000 for a thorough search. */
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
}

const OURS: readonly Kind[] = ['ours'];
const MIXED: readonly Kind[] = ['ours', 'original'];
const ALL: readonly Kind[] = ['ours', 'original', 'original releasing its blocks'];

/** Far enough apart that empty blocks may change hands. */
const bornAt = (index: number): bigint => at(index * 40);

/** A container's life: its address, '' once it is released, undefined when there was none. */
function* live(model: EtcdModel, { node: name, released, kind }: Life, index: number): Actor<string | undefined> {
  const now = bornAt(index);
  const original = { model, node: name, container: `c${index}`, now, pool: CIDR, blockSize: 30 };
  if (kind === 'original releasing its blocks') return (yield* originalReleaseClaim(original)) ?? '';
  const address = kind === 'ours' ? yield* ourAdd(model, name, index) : yield* originalAdd(original);
  if (!released) return address;
  yield* kind === 'ours' ? ourDel(model, name, index) : originalDel(original);
  return '';
}

function ourDel(model: EtcdModel, name: string, index: number): Actor<unknown> {
  const handleIDs = [`net1.c${index}`, `c${index}`];
  return acting(model, () => releaseHandles({ handleIDs, node: name, now: bornAt(index) + 1n }));
}

function* ourAdd(model: EtcdModel, name: string, index: number): Actor<string | undefined> {
  const { addresses } = yield* acting(model, () => assign(request(name, `c${index}`, { now: bornAt(index) })));
  return addresses[0]?.address;
}

/** What went wrong when these lived together. */
function problems(
  lives: readonly Life[],
  choices: readonly number[],
  { compares = true, strict = false, ...expected }: Wanted,
): readonly string[] {
  const config = strict ? { [CONFIG]: '{"strict_affinity":true,"auto_allocate_blocks":true}' } : {};
  const model = openModel({ ...SEED, ...config }, { compares });
  const ends = interleave(
    lives.map((each, index) => live(model, each, index)),
    choices,
  );
  const given = ends.flatMap((end) => (end !== undefined && 'value' in end && end.value ? end.value : []));
  const used = usedAddresses(model.dump());
  const found = violations(model.dump(), { ...expected, strict });
  // Whatever a killed process left: a DEL of ours for each container finds it.
  for (const [index, each] of lives.entries()) finish(ourDel(model, each.node, index));
  const left = { except: (expected.except ?? []).filter((number) => number < 14), released: true };
  return [
    ...found,
    ...violations(model.dump(), left),
    ...given.filter((address, index) => given.indexOf(address) !== index).map((address) => `${address} given twice`),
    ...given.filter((address) => !used.includes(address)).map((address) => `${address} given but free`),
    ...ends.flatMap((end) => (end !== undefined && 'thrown' in end ? unexpected(end.thrown) : [])),
  ];
}

const unexpected = (thrown: unknown): readonly string[] =>
  String(thrown).includes('failed to request IPv4 addresses') ? [] : [String(thrown)];

/** All that goes wrong in any order of any lives; `killing` ends some of them between two steps. */
function searching(kinds: readonly Kind[], killing: boolean, wanted: Wanted = {}) {
  const life = fc.record({
    node: fc.constantFrom('n1', 'n2', 'n3'),
    released: fc.boolean(),
    kind: fc.constantFrom(...kinds),
  });
  const lives = fc.array(life, { minLength: 2, maxLength: 8 });
  const order = fc.array(fc.integer({ min: killing ? -1 : 0, max: 50 }), { maxLength: 150 });
  return fc.property(lives, order, fc.boolean(), (all, choices, strict) => {
    // The simulated original always borrows.
    expect(problems(all, choices, { strict: strict && kinds === OURS, ...wanted })).toEqual([]);
  });
}

describe('however several processes interleave,', () => {
  test('ours never give an address twice nor break an invariant', PATIENT, () => {
    fc.assert(searching(OURS, false), RUNS);
  });

  test('ours may be killed at any step without breaking an invariant', PATIENT, () => {
    fc.assert(searching(OURS, true), RUNS);
  });

  test('ours and the original never give an address twice nor break an invariant', PATIENT, () => {
    fc.assert(searching(MIXED, false), RUNS);
  });

  test('an original that gives blocks back may leave a claim half released, and nothing else', PATIENT, () => {
    fc.assert(searching(ALL, false, { except: [10, 11] }), RUNS);
  });

  test('an original that is killed costs nobody an address, and our DEL finds what it left', PATIENT, () => {
    fc.assert(searching(ALL, true, { except: [10, 11, 12, 14, 15, 16] }), RUNS);
  });
});

describe('without compares the store', () => {
  test('lets addresses be given twice, which these tests see', PATIENT, () => {
    expect(fc.check(searching(OURS, false, { compares: false })).failed).toBe(true);
    expect(fc.check(searching(MIXED, false, { compares: false })).failed).toBe(true);
  });

  test('lets two of ours alone take one address, which these tests see', () => {
    const twins: readonly Life[] = [1, 2].map(() => ({ node: 'n1', released: false, kind: 'ours' }));
    const found = problems(twins, [], { compares: false });
    expect(found.some((problem) => problem.endsWith('given twice'))).toBe(true);
  });
});
