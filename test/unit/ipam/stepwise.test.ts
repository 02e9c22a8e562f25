import { describe, expect, test } from 'vitest';
import { network, parseCidr } from '../../../shared/net/cidr.ts';
import { finish, stepping } from '../../support/fake-datastore/actor.ts';
import type { ConnectOptions } from '../../support/fake-datastore/connection.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { Killed, killedAfter, unansweredAfter } from '../../support/fake-datastore/killed-call.ts';
import { originalAdd, originalDel } from '../../support/fake-datastore/original-writer.ts';
import type { Stepwise } from '../../support/fake-datastore/stepwise.ts';
import { add, call, del, SCENARIOS, type Scenario, SEED } from '../../support/fake-datastore/stepwise-world.ts';
import { violations } from '../../support/invariants/invariants.ts';
import type { Dump } from '../../support/invariants/ipam-dump.ts';
import { usedAddresses } from '../../support/invariants/transitions.ts';
import { restViolations, stepViolations } from '../../support/invariants/without-transactions.ts';

const ORDERS: readonly Stepwise[] = [{ node: 'n1' }, { node: 'n1', reversed: true }];
const STEPWISE = { stepwise: { node: 'n1' } };

interface Stage {
  readonly store: FakeStore;
  /** The invariants that our single writes have violated since the scenario started. */
  readonly broken: string[];
  readonly watch: (isOurs: boolean) => void;
}

async function stage({ seed, before }: Scenario): Promise<Stage> {
  const broken: string[] = [];
  let watching = false;
  let neighbour = 'n1';
  // c0 runs where the scenario starts it.
  const nodeOf = (handleID: string) => (handleID === 'net1.c0' ? neighbour : 'n1');
  const onCommit = (was: Dump, is: Dump) => {
    if (watching) broken.push(...stepViolations({ before: was, after: is }, nodeOf));
  };
  const store = fakeStore({ ...SEED, ...seed }, { onCommit });
  await before?.(store);
  if (Object.keys(store.dump()).some((key) => key.includes('/host/n2/'))) neighbour = 'n2';
  const watch = (isOurs: boolean) => {
    watching = isOurs;
  };
  return { store, broken, watch };
}

/** The scenario, cut off after this many writes. Undefined if it makes fewer. */
async function cutOff(scenario: Scenario, options: ConnectOptions): Promise<Stage | undefined> {
  const set = await stage(scenario);
  set.watch(true);
  try {
    await call(set.store, scenario, options);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Killed) return set;
    throw thrown;
  }
}

type Follow = (set: Stage, scenario: Scenario) => Promise<readonly string[]>;

/**
 * Makes each write of the scenario the last one, in both orders within a phase, and returns the violations after the
 * follow-up.
 */
async function afterEachWrite(scenario: Scenario, follow: Follow): Promise<readonly string[]> {
  const found: string[] = [];
  for (const order of ORDERS) {
    for (let writes = 0; ; writes++) {
      const set = await cutOff(scenario, killedAfter(writes, order));
      if (set === undefined) break;
      const left = (await follow(set, scenario)).concat(set.broken);
      found.push(...left.map((what) => `killed after ${writes} writes${order.reversed ? ', reversed' : ''}: ${what}`));
    }
  }
  return found;
}

/** Checks that nothing of c1 is left and the rest is valid. */
function released({ store }: Stage): readonly string[] {
  const mine = Object.entries(store.dump()).filter(([, value]) => value.includes('net1.c1') || value.includes('"c1"'));
  const left = mine.map(([key, value]) => `${key} still says ${value}`);
  const handles = Object.keys(store.dump()).filter((key) => key.endsWith('/handle/net1.c1'));
  return [...left, ...handles, ...restViolations(store.dump()), ...violations(store.dump(), { except: [10, 11] })];
}

const ourDel: Follow = async (set) => {
  await del(set.store, 'n1', 'c1', STEPWISE);
  return released(set);
};

const ourAdd: Follow = async (set, { ipam }) => {
  const given = await add(set.store, 'n1', 'c1', ipam, STEPWISE);
  const used = usedAddresses(set.store.dump());
  const others = used.filter((address) => !given.includes(address)).length;
  const expected = Object.keys(set.store.dump()).filter((key) => key.includes('handle/net1.c0')).length;
  return [
    ...given.filter((address) => !used.includes(address)).map((address) => `${address} is assigned but free`),
    ...(others > expected ? [`${used.join()} in use, assigned ${given.join()}`] : []),
    ...restViolations(set.store.dump()),
    // A release that was cut off is finished by the next ADD of a new container.
    ...violations(set.store.dump()).filter((what) => !/^11: .*pendingDeletion/.test(what)),
    ...(await ourDel(set, { name: '', verb: 'DEL' })),
  ];
};

const POOL = parseCidr('10.0.0.0/28') ?? network(4, 0n, 0);

const original: Follow = async (set) => {
  const { store } = set;
  set.watch(false);
  const held = usedAddresses(store.dump());
  const theirs = { model: store, node: 'n1', now: 1795250881000000000n, pool: POOL, blockSize: 30 };
  const given = await finish(stepping(originalAdd({ ...theirs, container: 'c2' })));
  const twice = given !== undefined && held.includes(given) ? [`${given} is assigned twice`] : [];
  await finish(stepping(originalDel({ ...theirs, container: 'c1' })));
  await finish(stepping(originalDel({ ...theirs, container: 'c2' })));
  set.watch(true);
  return [...twice, ...(await ourDel(set, { name: '', verb: 'DEL' }))];
};

function holds(what: string, check: (scenario: Scenario) => Promise<readonly string[]>): void {
  describe(what, () => {
    for (const scenario of SCENARIOS) {
      test(scenario.name, { timeout: 300_000 }, async () => {
        expect(await check(scenario)).toEqual([]);
      });
    }
  });
}

describe('with one object per write,', () => {
  holds('our DEL undoes a call killed between any two writes', (each) => afterEachWrite(each, ourDel));
  holds('our ADD completes a call killed between any two writes', (each) => afterEachWrite(each, ourAdd));
  holds('a call killed between any two writes harms no call of the original', (each) => afterEachWrite(each, original));

  holds('a write whose answer is lost is not made twice', async (scenario) => {
    const found: string[] = [];
    const plain = await stage(scenario);
    await call(plain.store, scenario, STEPWISE);
    for (let writes = 0; writes < 12; writes++) {
      const set = await stage(scenario);
      set.watch(true);
      await call(set.store, scenario, unansweredAfter(writes, { node: 'n1' }));
      const same = usedAddresses(set.store.dump()).length === usedAddresses(plain.store.dump()).length;
      const wrong = [
        ...(same ? [] : ['another number of addresses']),
        ...restViolations(set.store.dump()),
        ...set.broken,
      ];
      found.push(...wrong.map((what) => `no answer to write ${writes}: ${what}`));
    }
    return found;
  });
});
