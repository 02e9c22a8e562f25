import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { type Bed, test } from '../../support/bed/bed.ts';
import { readKernel } from '../../support/bed/state.ts';
import { failureOf } from '../../support/calls/call.ts';
import { caliLinks } from '../../support/network/netns.ts';
import { conf } from '../../support/stored/cluster.ts';

const SILENT = 'http://10.0.0.77:2379';

/** Datastores that do not answer, and the time in ms within which a call must give up. */
const DEATHS: readonly { name: string; endpoints: string; within: number; kill: (bed: Bed) => Promise<void> }[] = [
  { name: 'a closed port', endpoints: 'http://127.0.0.1:2379', within: 11_000, kill: (bed) => bed.etcd.stop() },
  { name: 'a host that drops packets', endpoints: SILENT, within: 12_000, kill: swallow },
  {
    name: 'an etcd that hangs',
    endpoints: 'http://127.0.0.1:2379',
    within: 12_000,
    kill: async (bed) => bed.etcd.pause(),
  },
  { name: 'two dead endpoints', endpoints: `${SILENT},http://127.0.0.1:1`, within: 17_000, kill: swallow },
];

describe.concurrent('with a dead etcd', () => {
  test.for(DEATHS)(
    'ADD gives up in time, names the endpoints and leaves nothing: $name',
    { timeout: 60_000 },
    async (death, { bed, expect }) => {
      const container = await bed.container();
      const before = await bed.state();
      await death.kill(bed);
      const ran = await bed.call('ADD', container, { conf: conf({ etcd_endpoints: death.endpoints }) });
      const failure = failureOf(ran);
      expect(failure.code).toBe(11);
      for (const endpoint of death.endpoints.split(','))
        expect(`${failure.msg} ${failure.details}`).toContain(endpoint);
      expect(ran.millis).toBeLessThan(death.within);
      expect(await readKernel(bed.host, [container.netns])).toEqual({ host: before.host, pods: before.pods });
    },
  );

  test.for(DEATHS)('DEL cleans up the kernel in time: $name', { timeout: 60_000 }, async (death, { bed, expect }) => {
    const container = await bed.container();
    await bed.add(container);
    await death.kill(bed);
    const ran = await bed.call('DEL', container, { conf: conf({ etcd_endpoints: death.endpoints }) });
    expect([0, 1]).toContain(ran.exit);
    expect(ran.millis).toBeLessThan(death.within);
    expect(await caliLinks(bed.host)).toEqual([]);
  });

  test('one live endpoint of two is enough', { timeout: 30_000 }, async ({ bed, expect }) => {
    const container = await bed.container();
    await swallow(bed);
    for (const dead of ['http://127.0.0.1:1', SILENT]) {
      const changes = { conf: conf({ etcd_endpoints: `${dead},http://127.0.0.1:2379` }) };
      const ran = await bed.call('ADD', container, changes);
      expect(ran.exit, ran.stdout).toBe(0);
      expect(ran.millis).toBeLessThan(7_000);
      await bed.del(container, changes);
    }
  });

  test('an etcd that pauses for a second only delays ADD', { timeout: 30_000 }, async ({ bed, expect }) => {
    const container = await bed.container();
    bed.etcd.pause();
    const adding = bed.add(container);
    await sleep(1000);
    bed.etcd.resume();
    expect((await adding).ips).toHaveLength(1);
  });
});

test('once etcd is back, the following calls complete the DEL', { timeout: 60_000 }, async ({ bed }) => {
  const container = await bed.container();
  await bed.add(container);
  bed.etcd.pause();
  await bed.call('DEL', container);
  bed.etcd.resume();
  await bed.del(container);
  expect(Object.entries(await bed.etcd.dump()).join()).not.toContain(container.containerID);
});

/** Makes 10.0.0.77 a neighbour that accepts packets and never answers. */
async function swallow(bed: Bed): Promise<void> {
  await bed.host.must('ip', [
    'neigh',
    'add',
    '10.0.0.77',
    'lladdr',
    '02:00:00:00:00:77',
    'dev',
    'uplink',
    'nud',
    'permanent',
  ]);
}
