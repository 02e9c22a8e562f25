import { expect, test } from 'vitest';
import { containersWithoutAddress, dropEmptyHandle } from '../../../ipam/release/leftovers.ts';
import { acting, carryOut, pausedAt } from '../../support/fake-datastore/actor.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { A, blockOf, claim, container, counts } from '../../support/stored/ipam-healthy.ts';
import { block, handle } from '../../support/stored/ipam-world.ts';

const GC = { node: 'node1', network: 'net1', kept: new Set<string>() };
const STEPWISE = { stepwise: { node: 'node1' } };
const EMPTY = { ...claim('node1', A), ...blockOf(A, 'host:node1', {}), ...counts('net1.far', { [A]: 1 }) };
/** Another node has borrowed from our block. */
const BORROWED = blockOf(A, 'host:node1', { 0: container('far', 'node2') }, { sequenceNumber: 1795249881000000101n });
const borrow = (store: ReturnType<typeof fakeStore>) => {
  for (const [key, value] of Object.entries(BORROWED)) store.put(key, value);
};
const drop = () => dropEmptyHandle(GC, 'far');

test('a handle without an address is deleted and its block’s sequence number raised, so that a borrower decides again', async () => {
  const store = fakeStore(EMPTY);
  expect(await carryOut(store, () => containersWithoutAddress(GC), STEPWISE)).toEqual(['far']);
  await carryOut(store, drop, STEPWISE);
  expect(store.get(handle('net1.far'))).toBeUndefined();
  expect(store.get(block(A))?.value).toContain('"sequenceNumber":1795249881000000101');
});

test('what another node borrows after a GC has looked stays its own', async () => {
  const store = fakeStore(EMPTY);
  expect(await carryOut(store, () => containersWithoutAddress(GC), STEPWISE)).toEqual(['far']);
  borrow(store);
  const before = store.dump();
  await carryOut(store, drop, STEPWISE);
  expect(store.dump()).toEqual(before);
});

test('a handle that a GC deletes just before another node has its address is written again', async () => {
  const store = fakeStore(EMPTY);
  const goOn = await pausedAt(acting(store, drop, STEPWISE), `write ${block(A)}`);
  expect(store.get(handle('net1.far'))).toBeUndefined();
  borrow(store);
  await goOn();
  expect(store.get(handle('net1.far'))?.value).toBe(`{"block":{"${A}":1},"deleted":false}`);
  expect(store.get(block(A))?.value).toBe(BORROWED[block(A)]);
});
