import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import { releaseHandles } from '../../../ipam/release/release.ts';
import { releaseAddresses } from '../../../ipam/release/release-address.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { transitionViolations, usedAddresses } from '../../support/invariants/transitions.ts';
import { at, CONFIG, node, pool, request, reservation } from '../../support/stored/ipam-world.ts';

/** Set FC_RUNS=5000 for a thorough search. */
const RUNS = { numRuns: Number(process.env['FC_RUNS'] ?? 40) };
const NODES = ['n1', 'n2', 'n3'];
const POOLS = {
  ...pool('p', { cidr: '10.0.0.0/28', blockSize: 30 }),
  ...pool('q', { cidr: '10.1.0.0/31', blockSize: 32, nodeSelector: "zone == 'q'" }),
  ...pool('six', { cidr: 'fd00::/124', blockSize: 126 }),
};
/** The IPv4 addresses each node can use: q is for n1 alone. */
const ALL = [
  ...Array.from({ length: 16 }, (_, index) => ({ address: `10.0.0.${index}`, nodes: NODES })),
  ...['10.1.0.0', '10.1.0.1'].map((address) => ({ address, nodes: ['n1'] })),
];
const RESERVED = ['10.0.0.5', '10.0.0.8', '10.0.0.9', '10.0.0.10', '10.0.0.11'];

interface Rules {
  readonly strict: boolean;
  readonly cooldown: number;
  readonly reserved: boolean;
}

/** What a container must have, and when each address was last released. */
interface Belief {
  readonly held: Map<string, readonly string[]>;
  readonly freed: Map<string, number>;
}

const container = fc
  .integer({ min: 0, max: 24 })
  .map((index) => ({ name: `c${index}`, node: NODES[index % 3] ?? 'n1' }));
const operation = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('add' as const), container, dual: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('del' as const), container }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('fixed' as const), container, last: fc.integer({ min: 0, max: 17 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('free' as const), last: fc.integer({ min: 0, max: 17 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(3, 30, 90) }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

interface Session {
  readonly model: FakeStore;
  readonly rules: Rules;
  readonly belief: Belief;
  readonly isAutomatic: { now: boolean };
  seconds: number;
}

function open(rules: Rules): Session {
  const isAutomatic = { now: true };
  const isReserved = (address: string) => rules.reserved && RESERVED.includes(address);
  const onCommit = (before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) =>
    expect(transitionViolations(before, after, { automatic: isAutomatic.now, isReserved })).toEqual([]);
  const config = {
    [CONFIG]: JSON.stringify({
      strict_affinity: rules.strict,
      auto_allocate_blocks: true,
      ipCooldownSeconds: rules.cooldown,
    }),
  };
  const nodes = { ...node('n1', { zone: 'q' }), ...node('n2'), ...node('n3') };
  const seed = { ...POOLS, ...nodes, ...config, ...(rules.reserved ? reservation('r', ...RESERVED) : {}) };
  return {
    model: fakeStore(seed, { onCommit }),
    rules,
    belief: { held: new Map(), freed: new Map() },
    isAutomatic,
    seconds: 0,
  };
}

async function carryOn(session: Session, operation: Operation): Promise<void> {
  session.seconds++;
  session.isAutomatic.now = operation.kind !== 'fixed';
  if (operation.kind === 'wait') session.seconds += operation.seconds;
  else if (operation.kind === 'add') await add(session, operation.container, operation.dual, []);
  else if (operation.kind === 'fixed')
    await add(session, operation.container, false, [ALL[operation.last]?.address ?? '']);
  else if (operation.kind === 'del') await del(session, operation.container);
  else await free(session, ALL[operation.last]?.address ?? '');
  const { model, rules, belief } = session;
  expect([...usedAddresses(model.dump())].sort()).toEqual([...belief.held.values()].flat().sort());
  expect(violations(model.dump(), { now: at(session.seconds), strict: rules.strict })).toEqual([]);
}

type Container = Operation extends infer T ? (T extends { readonly container: infer C } ? C : never) : never;

async function add(
  session: Session,
  { name, node: where }: Container,
  dual: boolean,
  fixed: readonly string[],
): Promise<void> {
  const { model, belief } = session;
  const before = belief.held.get(name) ?? [];
  const families = dual ? ([4, 6] as const) : ([4] as const);
  const asked = request(where, name, { families, fixed, now: at(session.seconds) });
  let given: readonly string[];
  try {
    given = (await carryOut(model, () => assign(asked))).addresses.map(({ address }) => address);
  } catch (thrown) {
    expect(mayFail(session, where, dual, fixed, before), String(thrown)).toBe(true);
    return;
  }
  const others = [...belief.held].filter(([other]) => other !== name).flatMap(([, addresses]) => addresses);
  expect(given.filter((address) => others.includes(address))).toEqual([]);
  expect(given).toHaveLength(fixed.length > 0 ? 1 : families.length);
  // A repeated ADD of a container returns its addresses of that family.
  for (const address of fixed.length > 0 ? [] : given) {
    const had = before.filter((each) => each.includes(':') === address.includes(':'));
    if (had.length > 0) expect(had).toContain(address);
  }
  belief.held.set(name, [...new Set([...before, ...given])]);
}

/** Whether an ADD may fail: no free address is in reach, or the requested address is not available. */
function mayFail(
  session: Session,
  where: string,
  dual: boolean,
  fixed: readonly string[],
  before: readonly string[],
): boolean {
  const { rules, belief, seconds } = session;
  const held = new Set([...belief.held.values()].flat());
  const isCooling = (address: string) => seconds - (belief.freed.get(address) ?? -1e9) <= rules.cooldown;
  if (fixed.length > 0) return rules.strict || fixed.some((address) => held.has(address) || isCooling(address));
  // Under strict affinity, and for IPv6, which may run out too, the model does not know which node owns which block.
  if (rules.strict || dual) return true;
  const free = ALL.filter(({ address, nodes }) => nodes.includes(where) && !held.has(address) && !isCooling(address));
  return before.length === 0 && free.every(({ address }) => rules.reserved && RESERVED.includes(address));
}

function forget({ belief, seconds }: Session, addresses: readonly string[]): void {
  for (const [name, held] of belief.held)
    belief.held.set(
      name,
      held.filter((address) => !addresses.includes(address)),
    );
  for (const address of addresses) belief.freed.set(address, seconds);
}

async function del(session: Session, { name, node: where }: Container): Promise<void> {
  const ask = { handleIDs: [`net1.${name}`, name], node: where, now: at(session.seconds) };
  const { released } = await carryOut(session.model, () => releaseHandles(ask));
  expect([...released].sort()).toEqual([...(session.belief.held.get(name) ?? [])].sort());
  forget(session, released);
}

async function free(session: Session, address: string): Promise<void> {
  const ask = { addresses: [{ address }], now: at(session.seconds) };
  const { released } = await carryOut(session.model, () => releaseAddresses(ask));
  const isHeld = [...session.belief.held.values()].flat().includes(address);
  expect(released).toEqual(isHeld ? [address] : []);
  forget(session, released);
}

test('any sequence of operations ends in the state that a simple model of ownership predicts', {
  timeout: 600_000,
}, async () => {
  const rules = fc.record({ strict: fc.boolean(), cooldown: fc.constantFrom(0, 7), reserved: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(rules, fc.array(operation, { maxLength: 60 }), async (chosen, operations) => {
      const session = open(chosen);
      for (const each of operations) await carryOn(session, each);
    }),
    RUNS,
  );
});
