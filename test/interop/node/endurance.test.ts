import { copyFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { tools } from '../../../build/tools.ts';
import { until } from '../../support/kubernetes-datastore/custom-resources.ts';
import { birdsOn, killBirds, untilBirdsAreBack } from '../../support/machines/birds.ts';
import { reachedForTests } from '../../support/machines/for-tests.ts';
import { AWAY_MS, combinations } from '../../support/machines/matrix.ts';
import { lostDuring, untilAllReach } from '../../support/machines/routed.ts';
import { links, routes } from '../../support/network/netns.ts';

const PLACES = { node1: 1, node2: 1, node3: 1 } as const;
/** Long enough for a process that looks every few seconds. */
const A_WHILE = 3_000;

describe.each(combinations())('nothing is lost between pods with $store and BIRD $bird', ({ store, bird }) => {
  const routed = reachedForTests({ store, bird, in: PLACES });
  const machine = (name: string) => routed.machines.machine(name);

  test('while BIRD is killed on one machine, and comes back', async () => {
    const { host } = machine('node2');
    const lost = await lostDuring(routed.pods, async () => {
      const killed = await killBirds(host);
      expect(killed.length).toBeGreaterThan(0);
      await untilBirdsAreBack(host, killed);
      await routed.run('node2').ready();
      await sleep(A_WHILE);
    });
    expect(lost).toEqual({});
  });

  test('while our process is killed, and a new executable takes over', async () => {
    const { host } = machine('node1');
    const before = await birdsOn(host);
    copyFileSync(`${tools().bin}/calicoctl`, host.file('/run/calico-test/calicoctl'));
    const lost = await lostDuring(routed.pods, async () => {
      await routed.run('node1').kill();
      await sleep(A_WHILE);
      await routed.start(machine('node1'), { program: '/run/calico-test/calicoctl' });
      await sleep(A_WHILE);
    });
    expect(lost).toEqual({});
    expect(await birdsOn(host)).toEqual(before);
  });

  test.each(['refused', 'frozen'] as const)(
    'while the datastore is away: %s',
    { timeout: AWAY_MS + 120_000 },
    async (how) => {
      const lost = await lostDuring(routed.pods, async () => {
        await routed.machines.store.leave(how);
        await sleep(AWAY_MS);
        await routed.machines.store.comeBack();
        await sleep(A_WHILE);
      });
      expect(lost).toEqual({});
      for (const { name } of routed.machines.all) await routed.run(name).ready();
      // What is stored is followed again.
      const pod = await machine('node3').pod();
      await untilAllReach([...routed.pods, pod]);
      await pod.remove();
    },
  );

  test('while it is stopped; with --clean everything that it made is gone', async () => {
    const { host } = machine('node3');
    const lost = await lostDuring(routed.pods, async () => {
      expect(await routed.run('node3').stop()).toBe(0);
      await sleep(A_WHILE);
    });
    expect(lost).toEqual({});
    await machine('node3').said('node stop --clean');
    await until(async () => (await birdsOn(host)).length === 0, 'BIRD to end');
    const left = (await routes(host)).filter(
      ({ gateway, type }) => type === 'blackhole' || /^172\.16\.1\.[12]$/.test(gateway ?? ''),
    );
    expect(left).toEqual([]);
    expect(
      (await links(host)).map(({ ifname }) => ifname).filter((name) => !/^(?:lo|eth0|cali.*)$/.test(name)),
    ).toEqual([]);
  });
});
