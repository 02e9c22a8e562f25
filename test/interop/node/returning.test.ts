import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { reachedForTests } from '../../support/machines/for-tests.ts';
import { combinations } from '../../support/machines/matrix.ts';
import { lostBetween, lostDuring, untilAllReach } from '../../support/machines/routed.ts';
import { setCable } from '../../support/machines/wires.ts';

const PLACES = { node1: 1, node2: 1, node3: 1 } as const;

describe.each(combinations())('a machine returns, with $store and BIRD $bird', ({ store, bird }) => {
  const routed = reachedForTests({ store, bird, in: PLACES });

  test('whose cable was out: its pods are reached again, and the others have lost nothing', async () => {
    const { machines, pods } = routed;
    const lost = await lostDuring(pods.slice(0, 2), async () => {
      await setCable(machines.router, 'node3', 'down');
      await sleep(5_000);
      await setCable(machines.router, 'node3', 'up');
      await untilAllReach(pods, 60_000);
    });
    expect(lost).toEqual({});
    expect(await lostBetween(pods, { size: 1500 })).toEqual({});
  });

  test('after a power cut: new pods are reached, and the others have lost nothing', async () => {
    const { machines, pods } = routed;
    const others = pods.slice(0, 2);
    const lost = await lostDuring(others, async () => {
      const node3 = await machines.reboot('node3');
      await routed.start(node3);
      const pod = await node3.pod();
      await untilAllReach([...others, pod], 60_000);
      expect(await lostBetween([...others, pod], { size: 1500 })).toEqual({});
    });
    expect(lost).toEqual({});
  });
});
