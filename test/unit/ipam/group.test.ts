import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import type { AssignRequest, GroupWish } from '../../../ipam/allocate/request.ts';
import { readGroup } from '../../../ipam/group/read-group.ts';
import { releaseHandles } from '../../../ipam/release/release.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { at, block, CONFIG, handle, pool, request, reservation } from '../../support/stored/ipam-world.ts';

const POOL = pool('p', { cidr: '10.10.0.0/24', blockSize: 30 });
const SIX = pool('six', { cidr: 'fd00:1::/48', blockSize: 122 });
const STRICT = { [CONFIG]: '{"strict_affinity":true,"auto_allocate_blocks":true}' };

const wish = (texts: readonly string[], more: Partial<GroupWish> = {}): GroupWish => ({
  group: readGroup(texts, 'args.cni.ipGroup'),
  ordinal: undefined,
  last: [],
  ...more,
});
const pod = (name: string, node: string) => ({ node, namespace: 'prod', pod: name });

const add = async (
  store: FakeStore,
  node: string,
  container: string,
  group: GroupWish,
  more: Partial<AssignRequest> = {},
): Promise<readonly string[]> =>
  (await carryOut(store, () => assign(request(node, container, { group, ...more })))).addresses.map(
    ({ address }) => address,
  );
const del = (store: FakeStore, node: string, container: string) =>
  carryOut(store, () => releaseHandles({ handleIDs: [`net1.${container}`], node, now: at(9) }));
const refused = (work: Promise<unknown>, message: string, details: string) =>
  expect(work).rejects.toThrow(expect.objectContaining({ kind: 'refused', message, details }));

const THREE = ['10.10.0.9', '10.10.0.16-10.10.0.17'];

describe('a member of a group', () => {
  test('is the first that is free, in the order of the list', async () => {
    const store = fakeStore(POOL);
    expect(await add(store, 'n1', 'c1', wish(THREE))).toEqual(['10.10.0.9']);
    expect(await add(store, 'n2', 'c2', wish(THREE))).toEqual(['10.10.0.16']);
    expect(await add(store, 'n1', 'c3', wish(THREE))).toEqual(['10.10.0.17']);
    await del(store, 'n2', 'c2');
    expect(await add(store, 'n3', 'c4', wish(THREE))).toEqual(['10.10.0.16']);
    expect(violations(store.dump())).toEqual([]);
  });

  test('takes one round for the blocks of all families, and one commit', async () => {
    const store = fakeStore({ ...POOL, ...SIX });
    const both = wish([...THREE, 'fd00:1::5', 'fd00:1:0:1::/64']);
    expect(await add(store, 'n1', 'c1', both, { families: [4, 6] })).toEqual(['10.10.0.9', 'fd00:1::5']);
    expect(store.trips).toEqual(['read 6', 'read 34', 'commit 5']);
    expect(violations(store.dump())).toEqual([]);
  });

  test('of 1,000 in blocks of 64 is found in one round', async () => {
    const store = fakeStore(pool('p', { cidr: '10.10.0.0/16', blockSize: 26 }));
    const thousand = wish(['10.10.3.0-10.10.6.231']);
    expect(await add(store, 'n1', 'c1', thousand)).toEqual(['10.10.3.0']);
    expect(store.trips).toEqual(['read 6', 'read 16', 'commit 3']);
  });

  test('in a /64 that no one uses yet is its first address, and a number is found without looking at others', async () => {
    const store = fakeStore(SIX);
    const large = ['fd00:1:0:7::/64'];
    expect(await add(store, 'n1', 'c1', wish(large), { families: [6] })).toEqual(['fd00:1:0:7::']);
    const before = store.trips.length;
    expect(await add(store, 'n1', 'c2', wish(large, { ordinal: 70_000 }), { families: [6] })).toEqual([
      'fd00:1:0:7::1:1170',
    ]);
    expect(store.trips.slice(before)).toEqual(['read 6', 'read 1', 'commit 3']);
  });

  test('may be reserved, in a manual pool, and beyond the block limit', async () => {
    const manual = pool('p', { cidr: '10.10.0.0/24', blockSize: 30, assignmentMode: 'Manual', nodeSelector: 'has(x)' });
    const store = fakeStore({ ...manual, ...reservation('r', '10.10.0.0/24'), [CONFIG]: '{"maxBlocksPerHost":1}' });
    expect(await add(store, 'n1', 'c1', wish(THREE))).toEqual(['10.10.0.9']);
    expect(await add(store, 'n1', 'c2', wish(THREE))).toEqual(['10.10.0.16']);
  });

  test('stays with its container when ADD is repeated, also when the list has another order by now', async () => {
    const store = fakeStore(POOL);
    await add(store, 'n1', 'c0', wish(THREE));
    expect(await add(store, 'n1', 'c1', wish(THREE))).toEqual(['10.10.0.16']);
    await del(store, 'n1', 'c0');
    const before = store.dump();
    expect(await add(store, 'n1', 'c1', wish(THREE))).toEqual(['10.10.0.16']);
    expect(await add(store, 'n1', 'c1', wish(THREE.toReversed(), { ordinal: 0 }))).toEqual(['10.10.0.16']);
    expect(store.dump()).toEqual(before);
  });

  test('that a killed ADD left without a handle is kept, and the handle written', async () => {
    const store = fakeStore(POOL);
    await add(store, 'n1', 'c1', wish(['10.10.0.9']));
    store.remove(handle('net1.c1'));
    expect(await add(store, 'n1', 'c1', wish(['10.10.0.8', '10.10.0.9']))).toEqual(['10.10.0.9']);
    expect(violations(store.dump())).toEqual([]);
  });

  test('is the one that the pod’s name held last, if it is free', async () => {
    const store = fakeStore(POOL);
    const last = { last: ['10.10.0.17', '10.99.0.1', 'fd00::1'] };
    expect(await add(store, 'n1', 'c1', wish(THREE, last))).toEqual(['10.10.0.17']);
    expect(await add(store, 'n1', 'c2', wish(THREE, last))).toEqual(['10.10.0.9']);
  });

  test('waits for the cooldown', async () => {
    const store = fakeStore({ ...POOL, [CONFIG]: '{"auto_allocate_blocks":true,"ipCooldownSeconds":60}' });
    await add(store, 'n1', 'c1', wish(['10.10.0.9']));
    await del(store, 'n1', 'c1');
    await refused(
      add(store, 'n1', 'c2', wish(['10.10.0.9'], { ordinal: 0 }), { now: at(20) }),
      '10.10.0.9, address 0 of the fixed address group, is already assigned',
      'Held by no handle, cooling down since 2026-11-21T08:31:30Z; it is free again after the cooldown (ipCooldownSeconds)',
    );
    expect(await add(store, 'n1', 'c2', wish(['10.10.0.9'], { ordinal: 0 }), { now: at(90) })).toEqual(['10.10.0.9']);
  });
});

test('a full block is told from its text, unless an address in it has cooled down', async () => {
  const store = fakeStore({ ...POOL, [CONFIG]: '{"auto_allocate_blocks":true,"ipCooldownSeconds":60}' });
  const group = wish(['10.10.0.8/30', '10.10.0.16']);
  for (const name of ['c1', 'c2', 'c3', 'c4']) await add(store, 'n1', name, group);
  expect(store.get(block('10.10.0.8/30'))?.value).toContain('"unallocated":[]');
  expect(await add(store, 'n1', 'c5', group)).toEqual(['10.10.0.16']);
  await del(store, 'n1', 'c2');
  expect(store.get(block('10.10.0.8/30'))?.value).toContain('"unallocated":[]');
  expect(await add(store, 'n1', 'c6', group, { now: at(90) })).toEqual(['10.10.0.9']);
});

describe('the ordinal of a pod', () => {
  test('decides the member, on whatever node', async () => {
    const store = fakeStore(POOL);
    const second = wish(THREE, { ordinal: 1 });
    expect(await add(store, 'n1', 'c1', second)).toEqual(['10.10.0.16']);
    await del(store, 'n1', 'c1');
    expect(await add(store, 'n2', 'c2', second)).toEqual(['10.10.0.16']);
    expect(violations(store.dump())).toEqual([]);
  });

  test('beyond the end of the list is refused', async () => {
    await refused(
      add(fakeStore(POOL), 'n1', 'c1', wish(THREE, { ordinal: 3 })),
      "the pod's ordinal is 3, and the fixed address group has only 3 IPv4 addresses, numbered from 0",
      'args.cni.ipGroup: add addresses at the end of the list, or scale the StatefulSet down to 3',
    );
  });

  test.each([
    [
      'n2',
      'web-0',
      'an earlier pod of this name: node n2 releases its address when it runs again; only if it is switched off for good, delete the Node, and calicoctl delete node n2 releases what it held',
    ],
    ['n1', 'web-0', 'an earlier container of this pod: its address is released when the runtime deletes it'],
    ['n2', 'db-0', 'delete that container, or give it another address'],
  ])('whose member is held on %s by pod %s is refused, with what to do', async (node, name, remedy) => {
    const store = fakeStore(POOL);
    await add(store, node, 'c1', wish(THREE, { ordinal: 0 }), { attributes: pod(name, node) });
    await refused(
      add(store, 'n1', 'c2', wish(THREE, { ordinal: 0 }), { attributes: pod('web-0', 'n1') }),
      '10.10.0.9, address 0 of the fixed address group, is already assigned',
      `Held by pod prod/${name} on node ${node}; ${remedy}`,
    );
  });
});

describe('a group is refused', () => {
  test('when all members are taken: the error names holders, and what to do', async () => {
    const store = fakeStore(POOL);
    for (const [at, name] of ['web-x', 'web-y', ''].entries()) {
      const attributes = name === '' ? { node: 'n2' } : pod(name, 'n1');
      await add(store, 'n1', `c${at}`, wish(THREE), { attributes });
    }
    await refused(
      add(store, 'n2', 'c9', wish(THREE)),
      'no IPv4 address of the fixed address group is free: it has 3, 3 are assigned',
      '10.10.0.9: pod prod/web-x on node n1; 10.10.0.16: pod prod/web-y on node n1; 10.10.0.17: net1.c2 on node n2; ' +
        'delete a pod that has one, or add addresses to args.cni.ipGroup; calicoctl ipam group show lists them all',
    );
  });

  test('with a bounded text, however many members it has', async () => {
    const store = fakeStore(pool('p', { cidr: '10.10.0.0/16', blockSize: 26 }));
    const group = wish(['10.10.0.0/27']);
    for (let count = 0; count < 32; count++) await add(store, 'n1', `c${count}`, group);
    const thrown = await add(store, 'n1', 'c99', group).catch((error: Error & { details: string }) => error);
    expect(thrown).toMatchObject({ message: expect.stringContaining('it has 32, 32 are assigned') });
    expect((thrown as { details: string }).details).toMatch(
      /; 10\.10\.0\.7: net1\.c7 on node n1; and 24 more; delete /,
    );
  });

  test('when its free members are in other nodes’ blocks, under strict affinity', async () => {
    const store = fakeStore({ ...POOL, ...STRICT });
    await add(store, 'n1', 'c1', wish(['10.10.0.9']));
    await expect(add(store, 'n2', 'c2', wish(['10.10.0.8-10.10.0.11']))).rejects.toThrow(
      expect.objectContaining({ details: expect.stringContaining('4 are in blocks that this node cannot use') }),
    );
    expect(await add(store, 'n2', 'c2', wish(['10.10.0.8-10.10.0.12']))).toEqual(['10.10.0.12']);
    await expect(add(store, 'n2', 'c3', wish(['10.10.0.8'], { ordinal: 0 }))).rejects.toThrow(
      'Block host affinity does not match',
    );
  });

  test('when a member is in no pool: the first is named', async () => {
    await refused(
      add(fakeStore(POOL), 'n1', 'c1', wish(['10.10.0.9', '10.10.0.254-10.10.1.3', '10.20.0.1'])),
      '10.10.1.0 of the fixed address group is not in a configured pool',
      'args.cni.ipGroup; No enabled pool contains 10.10.1.0: p (10.10.0.0/24); request an address from one of them, or add a pool with calicoctl init --cidr=CIDR',
    );
  });

  test('when a pool is not for workloads, or disabled', async () => {
    const tunnels = pool('p', { cidr: '10.10.0.0/24', blockSize: 30, allowedUses: ['Tunnel'] });
    await expect(add(fakeStore(tunnels), 'n1', 'c1', wish(THREE))).rejects.toThrow(
      'IP address 10.10.0.9 is in IP pool "p", which is not allowed for use "Workload"',
    );
    const off = pool('p', { cidr: '10.10.0.0/24', blockSize: 30, disabled: true });
    await expect(add(fakeStore(off), 'n1', 'c1', wish(THREE))).rejects.toThrow('is not in a configured pool');
  });

  test('when it lacks a family that ADD asks for', async () => {
    await refused(
      add(fakeStore({ ...POOL, ...SIX }), 'n1', 'c1', wish(THREE), { families: [4, 6] }),
      'the fixed address group has no IPv6 address',
      'args.cni.ipGroup: add IPv6 addresses, or ask for the other family alone (annotation cni.projectcalico.org/ipFamilies, or ipam.assign_ipv6 in the network configuration)',
    );
  });

  test('never for a block that is missing while handles name it: its members are left out', async () => {
    const store = fakeStore(POOL);
    await add(store, 'n1', 'c1', wish(['10.10.0.9']));
    store.remove(block('10.10.0.8/30'));
    expect(await add(store, 'n1', 'c2', wish(THREE))).toEqual(['10.10.0.16']);
  });
});
