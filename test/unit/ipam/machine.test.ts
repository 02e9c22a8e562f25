import { expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import { leadToAddresses } from '../../../ipam/allocate/machine-handle.ts';
import { dropHandle, rewriteBlocks } from '../../../ipam/release/empty-handle.ts';
import { releaseMachine } from '../../../ipam/release/release-machine.ts';
import type { AllocationAttribute } from '../../../shared/calico/model.ts';
import { carryOut, finish, pausedAt } from '../../support/fake-datastore/actor.ts';
import type { ConnectOptions } from '../../support/fake-datastore/connection.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { Killed, killedAfter } from '../../support/fake-datastore/killed-call.ts';
import { add as addContainer, SEED } from '../../support/fake-datastore/stepwise-world.ts';
import { violations } from '../../support/invariants/invariants.ts';
import type { Dump } from '../../support/invariants/ipam-dump.ts';
import { usedAddresses } from '../../support/invariants/transitions.ts';
import { restViolations, stepViolations } from '../../support/invariants/without-transactions.ts';
import { at, handle, request } from '../../support/stored/ipam-world.ts';

const HANDLE = 'net1.vmi.prod.vm1';
const STEPWISE: ConnectOptions = { stepwise: { node: 'n1' } };

interface Pod {
  readonly pod: string;
  readonly node?: string;
  readonly isTarget?: boolean;
  readonly families?: readonly (4 | 6)[];
}

const addPlan = ({ pod, node = 'n1', isTarget = false, families = [4] }: Pod) => {
  const attributes = { namespace: 'prod', node, pod, timestamp: '2026-11-28 01:21:00.74634149 +0000 UTC' };
  return assign(request(node, '', { handleID: HANDLE, attributes, machine: { isTarget }, families }));
};

/** An ADD of the machine's pod. Returns its addresses. */
const add = async (store: FakeStore, pod: Pod, options = STEPWISE): Promise<readonly string[]> => {
  const { addresses } = await carryOut(store, () => addPlan(pod), options);
  const given = addresses.map(({ address }) => address);
  await carryOut(store, () => leadToAddresses(HANDLE, given), options);
  return given;
};

const leavePlan = (pod: string, isEnding: boolean) =>
  releaseMachine({ machine: { handleID: HANDLE, isEnding }, namespace: 'prod', pod, now: at(900) });

/** A DEL of the machine's pod. */
async function leave(store: FakeStore, pod: string, isEnding: boolean, options = STEPWISE): Promise<void> {
  const { empty } = await carryOut(store, () => leavePlan(pod, isEnding), options);
  if (empty.length === 0) return;
  await carryOut(store, () => dropHandle(HANDLE), options);
  await carryOut(store, () => rewriteBlocks({ handleID: HANDLE, blocks: empty }), options);
}

/** A store that watches each write. No block is the machine's own: other nodes look for its addresses too. */
function watched(): { readonly store: FakeStore; readonly broken: string[] } {
  const broken: string[] = [];
  const nodeOf = (handleID: string) => (handleID.includes('.vmi.') ? 'any' : 'n1');
  const onCommit = (before: Dump, after: Dump) => void broken.push(...stepViolations({ before, after }, nodeOf));
  return { store: fakeStore(SEED, { onCommit }), broken };
}

const wrongIn = (store: FakeStore) => [
  ...restViolations(store.dump()),
  ...violations(store.dump(), { except: [10, 11] }),
];

/** Runs `call` on a new store, killed before each of its writes in turn, and then `follow`. */
async function afterEachWrite(
  before: (store: FakeStore) => Promise<unknown>,
  call: (store: FakeStore, options: ConnectOptions) => Promise<unknown>,
  follow: (store: FakeStore) => Promise<void>,
): Promise<void> {
  for (const reversed of [false, true]) {
    for (let writes = 0; ; writes++) {
      const { store, broken } = watched();
      await before(store);
      const isOver = await call(store, killedAfter(writes, { node: 'n1', reversed })).then(
        () => true,
        (thrown: unknown) => {
          if (!(thrown instanceof Killed)) throw thrown;
          return false;
        },
      );
      await follow(store);
      expect([...broken, ...wrongIn(store)], `killed after ${writes} writes`).toEqual([]);
      if (isOver) break;
    }
  }
}

const owners = (store: FakeStore): readonly (readonly (string | undefined)[])[] =>
  Object.entries(store.dump())
    .filter(([key]) => key.includes('/block/') && key.includes('assignment'))
    .flatMap(([, value]) => (JSON.parse(value) as { attributes: AllocationAttribute[] }).attributes)
    .filter(({ handle_id }) => handle_id === HANDLE)
    .map(({ secondary, alternateOwnerAttrs }) => [secondary?.['pod'], alternateOwnerAttrs?.['pod']]);

/** The key of the only block of a family. */
const blockIn = (store: FakeStore, family: 4 | 6): string =>
  Object.keys(store.dump()).find((key) => key.includes(`/assignment/ipv${family}/block/`)) ?? '';

const nothing = async () => undefined;
const BOTH = [4, 6] as const;

test('an ADD that was killed between any two writes is completed by the machine’s next ADD, with both families', async () => {
  await afterEachWrite(
    nothing,
    (store, options) => add(store, { pod: 'a', families: BOTH }, options),
    async (store) => {
      const given = await add(store, { pod: 'b', node: 'n2', families: BOTH }, { stepwise: { node: 'n2' } });
      expect(given.map((address) => (address.includes(':') ? 6 : 4))).toEqual(BOTH);
      expect(usedAddresses(store.dump()).toSorted()).toEqual(given.toSorted());
      expect(owners(store)).toEqual(given.map(() => ['b', undefined]));
    },
  );
});

test('an ADD of one family after a killed one of both can be killed as well: the handle still leads to the address', async () => {
  await afterEachWrite(
    async (store) => {
      const onlyHandle = killedAfter(3, { node: 'n2' });
      await add(store, { pod: 'a', node: 'n2', families: BOTH }, onlyHandle).catch(() => undefined);
    },
    (store, options) => add(store, { pod: 'b' }, options),
    async (store) => {
      const given = await add(store, { pod: 'b' });
      expect(usedAddresses(store.dump())).toEqual(given);
    },
  );
});

test('an ADD that loses a race for the block of one family has both afterwards', async () => {
  const { store } = watched();
  await addContainer(store, 'n1', 'c0', { families: BOTH }, STEPWISE);
  const goOn = await pausedAt(
    (gate) => carryOut(store, () => addPlan({ pod: 'a', families: BOTH }), { ...STEPWISE, gate }),
    `write ${blockIn(store, 6)}`,
  );
  await addContainer(store, 'n1', 'c2', { families: [6] }, STEPWISE);
  const { addresses } = await goOn();
  expect(addresses.map(({ family }) => family)).toEqual(BOTH);
  expect(wrongIn(store)).toEqual([]);
});

test.each([true, false])(
  'an ADD that was killed leaves nothing once its machine ends: block there before %s',
  async (isWarm) => {
    await afterEachWrite(
      (store) => (isWarm ? addContainer(store, 'n1', 'c0', {}, STEPWISE) : nothing()),
      (store, options) => add(store, { pod: 'a' }, options),
      async (store) => {
        await leave(store, 'a', true);
        expect(store.get(handle(HANDLE))).toBeUndefined();
        expect(usedAddresses(store.dump())).toHaveLength(isWarm ? 1 : 0);
      },
    );
  },
);

test('a DEL that was killed between any two writes is completed by the next', async () => {
  await afterEachWrite(
    (store) => add(store, { pod: 'a', families: BOTH }),
    (store, options) => leave(store, 'a', true, options),
    async (store) => {
      await leave(store, 'a', true);
      expect(store.get(handle(HANDLE))).toBeUndefined();
      expect(usedAddresses(store.dump())).toEqual([]);
    },
  );
});

test('the addresses stay while the machine lives or another pod has them, on any node', async () => {
  const { store, broken } = watched();
  const given = await add(store, { pod: 'a' });
  await leave(store, 'a', false);
  expect(usedAddresses(store.dump())).toEqual(given);
  expect(await add(store, { pod: 'b' })).toEqual(given);
  expect(await add(store, { pod: 'c', node: 'n2', isTarget: true })).toEqual(given);
  expect(owners(store)).toEqual([['b', 'c']]);
  await leave(store, 'b', true);
  expect(owners(store)).toEqual([[undefined, 'c']]);
  expect(usedAddresses(store.dump())).toEqual(given);
  await leave(store, 'c', true);
  expect(usedAddresses(store.dump())).toEqual([]);
  expect([...broken, ...wrongIn(store)]).toEqual([]);
});

test('a pod that has migrated and migrates on is still an owner', async () => {
  const { store } = watched();
  await add(store, { pod: 'a' });
  await add(store, { pod: 'b', node: 'n2', isTarget: true });
  await leave(store, 'a', false);
  await add(store, { pod: 'c', isTarget: true });
  expect(owners(store)).toEqual([['b', 'c']]);
  await add(store, { pod: 'c', isTarget: true });
  expect(owners(store)).toEqual([['b', 'c']]);
  await leave(store, 'b', false);
  await add(store, { pod: 'c', isTarget: true });
  expect(owners(store)).toEqual([[undefined, 'c']]);
});

test.each([4, 6] as const)(
  'two ADDs for a new machine’s pods at the same moment leave nothing once it ends: IPv%i',
  async (family) => {
    const onNode = (node: string): ConnectOptions => ({ stepwise: { node } });
    const names = Object.keys((await raced(family, 'n1', 'n2', '')).store.dump());
    const steps = names.filter((key) => /\/(?:block|handle|ipam\/v2\/host)\//.test(key)).map((key) => `write ${key}`);
    for (const step of steps) {
      for (const [first, second] of [
        ['n1', 'n2'],
        ['n2', 'n1'],
      ] as const) {
        const { store } = await raced(family, first, second, step);
        await leave(store, 'a', true, onNode('n1'));
        await leave(store, 'b', true, onNode('n2'));
        expect([...usedAddresses(store.dump()), store.get(handle(HANDLE)), ...wrongIn(store)], step).toEqual([
          undefined,
        ]);
      }
    }
  },
);

/** Two pods' ADDs: the first pauses before `step`, if it makes that, while the second runs. */
async function raced(family: 4 | 6, first: string, second: string, step: string) {
  const { store } = watched();
  const families = [family];
  const goOn = await pausedAt(
    (gate) => add(store, { pod: 'a', node: first, families }, { stepwise: { node: first }, gate }),
    step,
  ).catch(() => nothing);
  await add(store, { pod: 'b', node: second, families }, { stepwise: { node: second } });
  await goOn();
  return { store };
}

test('a DEL of an ended machine makes an ADD that is about to write the block decide again', async () => {
  const { store } = watched();
  await addContainer(store, 'n1', 'c0', {}, STEPWISE);
  const goOn = await pausedAt(
    (gate) => carryOut(store, () => addPlan({ pod: 'b' }), { ...STEPWISE, gate }),
    `write ${blockIn(store, 4)}`,
  );
  expect(store.get(handle(HANDLE))).toBeDefined();
  await finish(() => leave(store, 'a', true));
  expect(store.get(handle(HANDLE))).toBeUndefined();
  const { addresses } = await goOn();
  expect(store.get(handle(HANDLE))).toBeDefined();
  expect(addresses).toHaveLength(1);
  expect(wrongIn(store)).toEqual([]);
});
