import { describe, expect, test } from 'vitest';
import { openForTests } from '../../support/bed/for-tests.ts';
import { until } from '../../support/install/watching.ts';
import { lostBetween, openRouted, untilAllReach } from '../../support/machines/routed.ts';

const POOLS = ['default-ipv4-ippool', 'default-ipv6-ippool'];

describe.each([1, 2] as const)('pools change between BGP with BIRD %s and VXLAN:', (bird) => {
  const bed = openForTests(() => openRouted({ bird, in: { node1: 1, node2: 1, node3: 1 } }));

  const change = async (vxlanMode: string) => {
    const spec = JSON.stringify({ spec: { vxlanMode } });
    for (const pool of POOLS) await bed.machines.machine('node1').said(`patch ippool ${pool} -p ${spec}`);
  };
  /** Those to pods. */
  const routes = async () => {
    const { host } = bed.machines.machine('node1');
    const lines = `${await host.must('ip', ['route'])}${await host.must('ip', ['-6', 'route'])}`.split('\n');
    return lines.filter((line) => /^(?:blackhole )?(?:192\.168|fd80:)/.test(line)).join('\n');
  };
  const untilRoutes = (are: (routes: string) => boolean, what: string) =>
    until(
      async () => are(await routes()),
      () => what,
    );

  test('the tunnel takes over from BIRD', async () => {
    await untilAllReach(bed.pods);
    expect(await routes()).toContain('proto bird');
    await change('Always');
    await untilRoutes((now) => now.includes('dev vxlan-v6.calico') && !now.includes('proto bird'), 'tunnels alone');
    await untilAllReach(bed.pods);
    expect(await lostBetween(bed.pods, { size: 1400 })).toEqual({});
  });

  test('BIRD takes over from the tunnel', async () => {
    await change('Never');
    await untilRoutes((now) => now.includes('proto bird') && !now.includes('proto 80'), 'BIRD alone');
    await untilAllReach(bed.pods);
    expect(await routes()).not.toContain('vxlan');
    expect(await lostBetween(bed.pods)).toEqual({});
  });
});
