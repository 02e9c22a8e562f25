import { existsSync, readdirSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, type Container, test } from '../../support/bed/bed.ts';
import { addressesOf, resultOf, silentSuccess } from '../../support/calls/call.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { usedAddresses } from '../../support/invariants/transitions.ts';
import { deleteNetns } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';
import { conf, node } from '../../support/stored/cluster.ts';

const NODES = ['node1', 'node2', 'node3', 'node4'];

describe('concurrently', () => {
  test('50 ADDs on one node get 50 addresses, and 50 DELs release them', { timeout: 120_000 }, async ({ bed }) => {
    await addAndDelete(bed, await containers(bed, 50), () => ({}));
  });

  test('25 ADDs on each of four nodes get 100 addresses, and their DELs release them', { timeout: 120_000 }, async ({
    bed,
  }) => {
    await bed.etcd.put({ ...node('node3', '10.0.0.3/24'), ...node('node4', '10.0.0.4/24') });
    const all = await containers(bed, 100);
    await addAndDelete(bed, all, (index) => ({ conf: conf({ nodename: NODES[index % NODES.length] }) }));
  });

  test('ten ADDs of one container, which no runtime should make, end with one address', async ({ bed }) => {
    const container = await bed.container();
    await Promise.all(Array.from({ length: 10 }, () => bed.call('ADD', container)));
    const addresses = addressesOf(await bed.add(container));
    expect(addresses).toHaveLength(1);
    expect(usedAddresses(await bed.etcd.dump())).toHaveLength(1);
    expect(await reaches(bed.host, addresses[0] ?? '')).toBe(true);
  });

  test('failing ADDs of one container leave alone what the successful one has made', { timeout: 120_000 }, async ({
    bed,
  }) => {
    let won = 0;
    for (let round = 0; round < 4; round++) {
      const container = await bed.container();
      const configuration = { cniVersion: '1.0.0' };
      const ran = await Promise.all(
        Array.from({ length: 4 }, () => bed.call('ADD', container, { conf: conf(configuration) })),
      );
      const results = ran.filter(({ exit }) => exit === 0).map(resultOf);
      if (results.length > 0) expect(new Set(results.flatMap(addressesOf)).size).toBe(1);
      won += results.length;
      for (const prevResult of results) {
        silentSuccess(await bed.call('CHECK', container, { conf: conf({ ...configuration, prevResult }) }));
      }
    }
    // ADDs of one container may undo each other, but hardly in every round.
    expect(won).toBeGreaterThan(0);
  });

  test('ADDs and DELs of different containers do not disturb each other', { timeout: 60_000 }, async ({ bed }) => {
    const [old, young] = [await containers(bed, 12), await containers(bed, 12)];
    await Promise.all(old.map((container) => bed.add(container)));
    const [results] = await Promise.all([
      Promise.all(young.map((container) => bed.add(container))),
      Promise.all(old.map((container) => bed.del(container))),
    ]);
    expect(new Set(results.flatMap(addressesOf)).size).toBe(young.length);
    expect(usedAddresses(await bed.etcd.dump())).toHaveLength(young.length);
  });
});

const containers = (bed: Bed, count: number): Promise<readonly Container[]> =>
  Promise.all(Array.from({ length: count }, () => bed.container()));

async function addAndDelete(
  bed: Bed,
  all: readonly Container[],
  changes: (index: number) => CallChanges,
): Promise<void> {
  const before = await bed.state();
  const results = await Promise.all(all.map((container, index) => bed.add(container, changes(index))));
  expect(new Set(results.flatMap(addressesOf)).size).toBe(all.length);
  expect(usedAddresses(await bed.etcd.dump())).toHaveLength(all.length);
  await Promise.all(all.map((container, index) => bed.del(container, changes(index))));
  await drain(bed, changes);
  const after = await bed.state();
  expect({ host: after.host, pods: after.pods }).toEqual({ host: before.host, pods: before.pods });
  const left = Object.keys(after.etcd).filter((key) => !(key in before.etcd));
  expect(left.filter((key) => !/\/block\/|\/profiles\/net1$/.test(key))).toEqual([]);
  expect(violations(after.etcd, { released: true })).toEqual([]);
}

/** On a machine too busy to finish a DEL in ten seconds, the release waits in the journal for the next call. */
async function drain(bed: Bed, changes: (index: number) => CallChanges): Promise<void> {
  const journal = bed.host.file('/var/lib/calico/cni-journal');
  if (!existsSync(journal) || readdirSync(journal).length === 0) return;
  const container = await bed.container();
  for (const [index] of NODES.entries()) {
    await bed.add(container, changes(index));
    await bed.del(container, changes(index));
  }
  await deleteNetns(bed.host, container.netns);
}
