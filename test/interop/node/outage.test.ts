import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { killBirds, untilBirdsAreBack } from '../../support/machines/birds.ts';
import { reachedForTests } from '../../support/machines/for-tests.ts';
import { combinations } from '../../support/machines/matrix.ts';
import { startNode } from '../../support/machines/node-run.ts';
import { lostDuring, untilAllReach } from '../../support/machines/routed.ts';

const PLACES = { node1: 1, node2: 1, node3: 1 } as const;
const A_WHILE = 3_000;

describe.each(combinations())(
  'two things fail at once, with $store and BIRD $bird, and nothing is lost',
  ({ store, bird }) => {
    const routed = reachedForTests({ store, bird, in: PLACES });
    const machine = (name: string) => routed.machines.machine(name);

    test('our process is killed and started again while the datastore is away', async () => {
      const lost = await lostDuring(routed.pods, async () => {
        await routed.machines.store.leave('refused');
        await routed.run('node1').kill();
        const again = await startNode(machine('node1'), { bird });
        await sleep(A_WHILE);
        await routed.machines.store.comeBack();
        await again.ready();
        await sleep(A_WHILE);
      });
      expect(lost).toEqual({});
    });

    test('BIRD is killed while the datastore is away', async () => {
      const { host } = machine('node2');
      const lost = await lostDuring(routed.pods, async () => {
        await routed.machines.store.leave('frozen');
        await sleep(1_000);
        await untilBirdsAreBack(host, await killBirds(host));
        await sleep(A_WHILE);
        await routed.machines.store.comeBack();
        await routed.run('node2').ready();
      });
      expect(lost).toEqual({});
    });

    test('BIRD and our process are killed together, and started again', async () => {
      const { host } = machine('node3');
      const lost = await lostDuring(routed.pods, async () => {
        await Promise.all([routed.run('node3').kill(), killBirds(host)]);
        await sleep(A_WHILE);
        await routed.start(machine('node3'));
        await sleep(A_WHILE);
      });
      expect(lost).toEqual({});
      await untilAllReach(routed.pods);
    });
  },
);
