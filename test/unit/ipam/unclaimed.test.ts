import { expect, test } from 'vitest';
import { claimUnclaimed } from '../../../ipam/release/unclaimed.ts';
import { acting, pausedAt } from '../../support/fake-datastore/actor.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { A, blockOf, container } from '../../support/stored/ipam-healthy.ts';
import { block, claimOn } from '../../support/stored/ipam-world.ts';

const STEPWISE = { stepwise: { node: 'node1' } };
const OURS = blockOf(A, 'host:node1', { 0: container('c1') });
const THEIRS = blockOf(A, 'host:node2', {}, { sequenceNumber: 1795249881000000109n });
const plan = () => claimUnclaimed('node1');
const takenOver = (store: ReturnType<typeof fakeStore>) => {
  for (const [key, value] of Object.entries(THEIRS)) store.put(key, value);
};
const states = (store: ReturnType<typeof fakeStore>) => JSON.parse(store.get(claimOn('node1', A))?.value ?? '{}').state;

test('a block of ours without an affinity gets one: pending, then the block is written, then it is confirmed', async () => {
  const store = fakeStore(OURS);
  const steps: string[] = [];
  await acting(store, plan, STEPWISE)(async (step) => void steps.push(`${step} ${states(store)}`));
  expect(steps.filter((step) => step.startsWith('write'))).toEqual([
    `write ${claimOn('node1', A)} undefined`,
    `write ${block(A)} pending`,
    `write ${claimOn('node1', A)} pending`,
  ]);
  expect(states(store)).toBe('confirmed');
  expect(store.get(block(A))?.value).toContain('"sequenceNumber":1795249881000000101');
});

test('a block that another node takes over meanwhile is never confirmed as ours', async () => {
  const store = fakeStore(OURS);
  const goOn = await pausedAt(acting(store, plan, STEPWISE), `write ${claimOn('node1', A)}`);
  takenOver(store);
  await goOn();
  expect(states(store)).toBe('pending');
  expect(store.get(block(A))?.value).toBe(THEIRS[block(A)]);
});
