import { describe } from 'vitest';
import { type Bed, test } from '../../support/bed/bed.ts';
import { failureOf } from '../../support/calls/call.ts';
import { type Gate, openGate } from '../../support/network/readiness-gate.ts';
import { conf } from '../../support/stored/cluster.ts';

const gated = (...gates: readonly string[]) => ({ conf: conf({ readiness_gates: gates }) });

/** As Calico's installer used to write hosts. */
const bracketed = ({ url }: Gate) => url.replace('127.0.0.1', '[127.0.0.1]');

describe.concurrent('readiness_gates', () => {
  test('that are open cause no wait: the first check is immediate', async ({ bed, expect }) => {
    await withGates(bed, [[200], [302]], async (gates) => {
      const ran = await bed.call('ADD', await bed.container(), gated(...gates.map(bracketed)));
      expect(ran.exit, ran.stdout).toBe(0);
      expect(ran.millis).toBeLessThan(3_000);
      for (const gate of gates) expect(gate.asked()).toEqual(['/readiness']);
    });
  });

  test('that open later are awaited, with five seconds between checks, before an address is assigned', async ({
    bed,
    expect,
  }) => {
    await withGates(bed, [[503, 204]], async ([gate]) => {
      const revision = await bed.etcd.revision();
      const adding = bed.call('ADD', await bed.container(), gated(gate?.url ?? ''));
      const early = await Promise.race([adding, new Promise((resolve) => setTimeout(resolve, 3_000))]);
      expect(early).toBeUndefined();
      expect(await bed.etcd.revision()).toBe(revision);
      const ran = await adding;
      expect(ran.exit, ran.stdout).toBe(0);
      expect(ran.millis).toBeGreaterThan(4_900);
      expect(gate?.asked()).toHaveLength(2);
    });
  });

  test.for([
    { name: 'answers 500', statuses: [[500]], reason: 'status 500' },
    { name: 'does not answer', statuses: [], reason: 'http://127.0.0.1:9/' },
  ])(
    'one of which $name make ADD fail after 30 seconds with nothing allocated',
    { timeout: 60_000 },
    async ({ statuses, reason }, { bed, expect }) => {
      await withGates(bed, statuses, async ([gate]) => {
        const container = await bed.container();
        const before = [await bed.state(), await bed.etcd.revision()];
        const ran = await bed.call('ADD', container, gated(gate?.url ?? 'http://127.0.0.1:9/'));
        expect(failureOf(ran)).toMatchObject({ code: 999, msg: 'context deadline exceeded' });
        expect(failureOf(ran).details).toContain(reason);
        expect(ran.millis).toBeGreaterThan(24_000);
        expect(ran.millis).toBeLessThan(36_000);
        expect([await bed.state(), await bed.etcd.revision()]).toEqual(before);
      });
    },
  );

  test.for(['bogus', 'ftp://127.0.0.1/', 'http//127.0.0.1'])(
    'that are not URLs are rejected at once: %s',
    async (gate, { bed, expect }) => {
      const ran = await bed.call('ADD', await bed.container(), gated(gate));
      expect(failureOf(ran).msg).toBe(
        `invalid URL set for ReadinessGates:${gate} Error:parse "${gate}": invalid URI for request`,
      );
      expect(ran.millis).toBeLessThan(3_000);
    },
  );

  test('do not affect DEL and CHECK', async ({ bed, expect }) => {
    const container = await bed.container();
    const version = { cniVersion: '1.0.0' };
    const prevResult = await bed.add(container, { conf: conf(version) });
    const closed = conf({ ...version, prevResult, readiness_gates: ['http://127.0.0.1:9/'] });
    expect((await bed.call('CHECK', container, { conf: closed })).exit).toBe(0);
    const ran = await bed.call('DEL', container, { conf: closed });
    expect(ran.exit, ran.stdout).toBe(0);
    expect(ran.millis).toBeLessThan(3_000);
  });
});

async function withGates(
  bed: Bed,
  statuses: readonly (readonly number[])[],
  work: (gates: readonly Gate[]) => Promise<void>,
): Promise<void> {
  const gates = await Promise.all(statuses.map((list, index) => openGate(bed.host, 9099 + index, ...list)));
  try {
    await work(gates);
  } finally {
    await Promise.all(gates.map((gate) => gate.close()));
  }
}
