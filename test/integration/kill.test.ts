import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { type Bed, test } from '../support/bed.ts';
import type { State } from '../support/state.ts';

const KILLS = 40;

describe('kill -9', () => {
  test('of ADD at any time leaves nothing that DEL does not find', { timeout: 120_000 }, async ({ bed }) => {
    const duration = await warmDuration(bed, 'ADD');
    const container = await bed.container();
    const before = await bed.state();
    for (let kill = 0; kill < KILLS; kill++) {
      await bed.call('ADD', container, { killAfter: (duration * 1.1 * kill) / KILLS });
      await settle();
      await bed.del(container);
      expectAlike(await bed.state(), before, `killed at ${kill}/${KILLS} of ${duration} ms`);
    }
  });

  test('of ADD at any time leaves a container that ADD can bring up', { timeout: 120_000 }, async ({ bed }) => {
    const duration = await warmDuration(bed, 'ADD');
    const container = await bed.container();
    const before = await bed.state();
    for (let kill = 0; kill < KILLS / 2; kill++) {
      await bed.call('ADD', container, { killAfter: (duration * 2.2 * kill) / KILLS });
      await settle();
      const result = await bed.add(container);
      expect(result.ips).toHaveLength(1);
      await bed.del(container);
      expectAlike(await bed.state(), before, `killed at ${kill}/${KILLS / 2} of ${duration} ms`);
    }
  });

  test('of DEL at any time leaves nothing that the next DEL does not find', { timeout: 120_000 }, async ({ bed }) => {
    const duration = await warmDuration(bed, 'DEL');
    const container = await bed.container();
    const before = await bed.state();
    for (let kill = 0; kill < KILLS / 2; kill++) {
      await bed.add(container);
      await bed.call('DEL', container, { killAfter: (duration * 2.2 * kill) / KILLS });
      await settle();
      await bed.del(container);
      expectAlike(await bed.state(), before, `killed at ${kill}/${KILLS / 2} of ${duration} ms`);
    }
  });
});

/** A program the victim had started ends by itself; a runtime would not call again within this time either. */
const settle = () => sleep(25);

/** How long a call takes once block and profile are there, in ms. */
async function warmDuration(bed: Bed, command: 'ADD' | 'DEL'): Promise<number> {
  const container = await bed.container();
  let duration = 0;
  for (let round = 0; round < 3; round++) {
    const add = await bed.call('ADD', container);
    const del = await bed.call('DEL', container);
    duration = (command === 'ADD' ? add : del).millis;
  }
  return duration;
}

/** Alike but for what grows or is renewed with every use of a block. */
function expectAlike(after: State, before: State, when: string): void {
  expect({ ...after, etcd: level(after.etcd) }, when).toEqual({ ...before, etcd: level(before.etcd) });
}

function level(etcd: State['etcd']): unknown {
  const levelled = Object.entries(etcd).map(([key, value]) => [
    key,
    key.includes('/assignment/') ? levelBlock(value) : value,
  ]);
  return Object.fromEntries(levelled);
}

function levelBlock(value: string): unknown {
  const { unallocated, ...block } = JSON.parse(value) as { unallocated: number[] };
  return { ...block, unallocated: unallocated.length, sequenceNumber: 0, affinity_claim_time: '' };
}
