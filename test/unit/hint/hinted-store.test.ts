import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import { releaseHandles } from '../../../ipam/release/release.ts';
import { releaseMachine } from '../../../ipam/release/release-machine.ts';
import { transact } from '../../../shared/datastore/transaction.ts';
import { nthAddress, parseCidr } from '../../../shared/net/cidr.ts';
import { finish, stepping } from '../../support/fake-datastore/actor.ts';
import type { FakeStore } from '../../support/fake-datastore/fake-store.ts';
import { originalAdd } from '../../support/fake-datastore/original-writer.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { usedAddresses } from '../../support/invariants/transitions.ts';
import { at, node, pool, request } from '../../support/stored/ipam-world.ts';
import { add, del, memoryFile, opened, ownBlock, type Place, session, stage, verbs, warmed } from './hinted-calls.ts';

describe('with the hint of an earlier call', () => {
  test('ADD and DEL read once and commit once', async () => {
    const { place } = await warmed();
    expect(verbs((await add(place, 'a')).calls)).toEqual(['read', 'commit']);
    expect(verbs((await del(place, 'a')).calls)).toEqual(['read', 'commit']);
  });

  test('without one they read twice', async () => {
    const { place, file } = await warmed();
    file.text = undefined;
    expect(verbs((await add(place, 'a')).calls)).toEqual(['read', 'read', 'commit']);
    file.text = undefined;
    expect(verbs((await del(place, 'a')).calls)).toEqual(['read', 'read', 'commit']);
  });
});

test('a later plan of the same call reads the blocks of a handle as they are by then', async () => {
  const { store, place } = await warmed();
  const { store: first } = opened(place, { isTransactional: false });
  const gone = { handleIDs: ['net1.gone'], node: 'n1', now: at(1), readOwnBlocks: true };
  await transact({ ...session, store: first }, () => releaseHandles(gone));
  // Another node assigns an address of this node's block to a virtual machine.
  const handleID = 'net1.vmi.prod.vm1';
  const fixed = freeIn(ownBlock(store), store);
  const attributes = { node: 'n2', namespace: 'prod', pod: 'vm1' };
  const wanted = request('n2', '', { handleID, attributes, fixed: [fixed], machine: { isTarget: false } });
  await transact({ ...session, store: opened({ ...place, node: 'n2', file: memoryFile() }).store }, () =>
    assign(wanted),
  );
  const leaving = { machine: { handleID, isEnding: true }, namespace: 'prod', pod: 'vm1', now: at(2) };
  const { released, empty } = await transact({ ...session, store: first }, () => releaseMachine(leaving));
  expect({ released, empty }).toEqual({ released: [fixed], empty: [] });
});

/** An address of a block that nobody has. */
function freeIn(block: string, store: FakeStore): string {
  const cidr = parseCidr(block);
  if (cidr === undefined) throw new Error('no block');
  const used = usedAddresses(store.dump());
  return [0, 1, 2, 3].map((ordinal) => nthAddress(cidr, ordinal)).find((each) => !used.includes(each)) ?? '';
}

describe('calls that wait for their turn', () => {
  const AT_ONCE = 40;
  /** One block for all of them. */
  const LARGE = { ...pool('p', { cidr: '10.0.0.0/24', blockSize: 26 }), ...node('n1') };

  /** That many ADDs which have all read before the first has its turn. */
  async function burst(place: Place, others: readonly (() => Promise<unknown>)[] = []) {
    let read = 0;
    let open = () => {};
    const all = new Promise<void>((resolve) => {
      open = resolve;
    });
    const arrive = async () => {
      if (++read === AT_ONCE) open();
      await all;
    };
    const adds = Array.from({ length: AT_ONCE }, (_, index) => add(place, `c${index}`, arrive));
    const [added] = await Promise.all([Promise.all(adds), ...others.map((other) => other())]);
    return added;
  }

  test('are passed the block, and write it once each without a lost race', async () => {
    const { store, place } = stage(LARGE);
    await add(place, 'first');
    const added = await burst(place);
    expect(new Set(added.flatMap(({ addresses }) => addresses)).size).toBe(AT_ONCE);
    expect(added.map(({ lost }) => lost)).toEqual(added.map(() => 0));
    expect(added.map(({ calls }) => verbs(calls))).toEqual(added.map(() => ['read', 'commit']));
    expect(violations(store.dump())).toEqual([]);
  });

  test('lose no race on a new node either', async () => {
    const { store, place } = stage(LARGE);
    const added = await burst(place);
    expect(added.reduce((sum, { lost }) => sum + lost, 0)).toBe(0);
    expect(usedAddresses(store.dump())).toHaveLength(AT_ONCE);
  });

  test('read the block again when somebody was before them who writes no hint', async () => {
    const { store, place, file } = stage(LARGE);
    await add(place, 'first');
    file.write = () => {};
    const added = await burst(place);
    expect(added.reduce((sum, { lost }) => sum + lost, 0)).toBe(0);
    expect(usedAddresses(store.dump())).toHaveLength(AT_ONCE + 1);
    expect(violations(store.dump())).toEqual([]);
  });

  test('get addresses of their own among processes of the original, which do not queue here', async () => {
    const { store, place } = stage(LARGE);
    await add(place, 'first');
    const cidr = parseCidr('10.0.0.0/24');
    if (cidr === undefined) throw new Error('no pool');
    const original = (index: number) => async () =>
      finish(
        stepping(
          originalAdd({ model: store, node: 'n1', container: `o${index}`, now: at(0), pool: cidr, blockSize: 26 }),
        ),
      );
    await burst(
      place,
      Array.from({ length: 10 }, (_, index) => original(index)),
    );
    const used = usedAddresses(store.dump());
    expect(used).toHaveLength(AT_ONCE + 11);
    expect(new Set(used).size).toBe(used.length);
    expect(violations(store.dump())).toEqual([]);
  });
});
