import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, test } from '../../support/bed/bed.ts';
import { failureOf } from '../../support/calls/call.ts';
import { usedAddresses } from '../../support/invariants/transitions.ts';
import { caliLinks } from '../../support/network/netns.ts';
import { openGate } from '../../support/network/readiness-gate.ts';
import { conf } from '../../support/stored/cluster.ts';

const NOWHERE: CallChanges = { conf: conf({ ipam_lock_file: '/sys/calico/ipam.lock' }) };

describe('concurrent ADD and DEL of one container', () => {
  test.for([
    { where: 'in turn', changes: {} },
    { where: 'where the lock file cannot be created', changes: NOWHERE },
  ])(
    'leave either an interface with its address or neither, $where',
    { timeout: 120_000 },
    async ({ changes }, { bed }) => {
      const container = await bed.container();
      const { millis } = await bed.call('ADD', container, changes);
      await bed.del(container, changes);
      const wrong: object[] = [];
      for (let round = 0; round < 40; round++) {
        const add = bed.call('ADD', container, changes);
        await sleep((millis * round) / 40);
        const [added, deleted] = await Promise.all([add, bed.call('DEL', container, changes)]);
        const [links, used] = [await caliLinks(bed.host), usedAddresses(await bed.etcd.dump())];
        if (links.length !== used.length) wrong.push({ round, add: added.exit, del: deleted.exit, links, used });
        expect(deleted.exit, deleted.stdout).toBe(0);
        if (added.exit !== 0) expect(failureOf(added).code).toBe(11);
        await bed.del(container, changes);
      }
      expect(wrong).toEqual([]);
    },
  );
});

test('without a lock, ADD and DEL work, and ADD asks etcd once more', async ({ bed }) => {
  await bed.host.must('mkdir', ['/run/calico-cni.lock', '/var/lib/calico/cni.lock']);
  const container = await bed.container();
  const before = (await bed.etcd.calls())['Txn'] ?? 0;
  await bed.add(container, NOWHERE);
  expect(((await bed.etcd.calls())['Txn'] ?? 0) - before).toBe(4);
  await bed.del(container, NOWHERE);
  expect(usedAddresses(await bed.etcd.dump())).toEqual([]);
  expect(await caliLinks(bed.host)).toEqual([]);
});

describe.concurrent('a running ADD', () => {
  test('that a DEL overtakes undoes itself, and the DEL finds nothing left', async ({ bed }) => {
    const container = await bed.container();
    const before = await bed.state();
    const { add, gate } = await waiting(bed, container);
    const deleted = await bed.call('DEL', container);
    expect(deleted.exit, deleted.stdout).toBe(0);
    expect(failureOf(await add)).toMatchObject({
      code: 11,
      msg: 'the container was deleted while it was being added',
    });
    const after = await bed.state();
    expect({ host: after.host, pods: after.pods }).toEqual({ host: before.host, pods: before.pods });
    expect(usedAddresses(await bed.etcd.dump())).toEqual([]);
    await gate.close();
  });

  test('that is killed blocks no other call', async ({ bed }) => {
    const container = await bed.container();
    const { add, gate } = await waiting(bed, container, { killAfter: 800 });
    expect((await add).exit).toBeUndefined();
    await gate.close();
    await bed.del(container);
    await bed.add(container);
  });

  test('does not block another container', async ({ bed }) => {
    const [slow, quick] = [await bed.container(), await bed.container()];
    const { add, gate } = await waiting(bed, slow);
    let isOver = false;
    void add.then(() => {
      isOver = true;
    });
    await bed.add(quick);
    await bed.del(quick);
    expect(isOver).toBe(false);
    expect((await add).exit).toBe(0);
    await gate.close();
  });
});

/** An ADD that waits some seconds for a readiness gate. */
async function waiting(bed: Bed, container: Parameters<Bed['add']>[0], changes: CallChanges = {}) {
  const gate = await openGate(bed.host, 8080, 503, 200);
  const add = bed.call('ADD', container, { conf: conf({ readiness_gates: [gate.url] }), ...changes });
  while (gate.asked().length === 0) await sleep(5);
  return { add, gate };
}
