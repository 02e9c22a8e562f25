import { describe, expect } from 'vitest';
import { type Bed, type Container, test } from '../../support/bed/bed.ts';
import { addressesOf, resultOf } from '../../support/calls/call.ts';
import { conf, DUAL, POOL6 } from '../../support/stored/cluster.ts';

const AT_ONCE = 40;
/** A call that has queued for so long goes on without its turn, and may lose races. */
const PATIENCE_MS = 5_000;
/** A call that began while the one before was ending its turn reads the block again. */
const MOST_MORE = 5;

describe.concurrent('round trips to etcd:', () => {
  test('two for a warm ADD', async ({ bed }) => {
    await warm(bed);
    expect(await trips(bed, 'ADD', await bed.container())).toBe(2);
  });

  test('two for a warm ADD with both families', async ({ bed }) => {
    await bed.etcd.put(POOL6);
    const both = conf({ ipam: DUAL });
    await bed.add(await bed.container(), { conf: both });
    expect(await trips(bed, 'ADD', await bed.container(), both)).toBe(2);
  });

  test('at most four for the first ADD of a node', async ({ bed }) => {
    expect(await trips(bed, 'ADD', await bed.container())).toBeLessThanOrEqual(4);
  });

  test('two for DEL, also when nothing is there', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    expect(await trips(bed, 'DEL', container)).toBe(2);
    expect(await trips(bed, 'DEL', container)).toBeLessThanOrEqual(2);
  });

  test('one more for ADD and for DEL where there is no hint of an earlier call', async ({ bed }) => {
    await warm(bed);
    await bed.host.must('sh', ['-c', 'rm /var/run/calico/cni/hint-*']);
    const container = await bed.container();
    expect(await trips(bed, 'ADD', container)).toBe(3);
    await bed.host.must('sh', ['-c', 'rm /var/run/calico/cni/hint-*']);
    expect(await trips(bed, 'DEL', container)).toBe(3);
  });

  test('two each for 40 ADDs at once on a node that has its block', { timeout: 60_000 }, async ({ bed }) => {
    await warm(bed);
    const containers = await Promise.all(Array.from({ length: AT_ONCE }, () => bed.container()));
    const before = await bed.etcd.calls();
    const ran = await Promise.all(containers.map((container) => bed.call('ADD', container, { conf: conf() })));
    const made = sum(await bed.etcd.calls()) - sum(before);
    expect(new Set(ran.map(resultOf).flatMap(addressesOf)).size).toBe(AT_ONCE);
    if (ran.every(({ millis }) => millis < PATIENCE_MS)) expect(made).toBeLessThanOrEqual(2 * AT_ONCE + MOST_MORE);
  });

  test('at most two for an ADD that finds everything in place', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    expect(await trips(bed, 'ADD', container)).toBeLessThanOrEqual(2);
  });
});

/** Block and profile exist. */
async function warm(bed: Bed): Promise<void> {
  await bed.add(await bed.container());
}

/** How many requests etcd handled for one call of the plugin, by its own metrics. */
async function trips(bed: Bed, command: string, container: Container, configuration = conf()): Promise<number> {
  const before = await bed.etcd.calls();
  const ran = await bed.call(command, container, { conf: configuration });
  expect(ran.exit, ran.stdout).toBe(0);
  const after = await bed.etcd.calls();
  return sum(after) - sum(before);
}

const sum = (calls: Readonly<Record<string, number>>) =>
  Object.values(calls).reduce((total, count) => total + count, 0);
