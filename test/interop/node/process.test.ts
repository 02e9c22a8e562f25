import { describe, expect, test } from 'vitest';
import { machinesForTests } from '../../support/machines/for-tests.ts';
import { stores } from '../../support/machines/matrix.ts';
import { startNode, startNodes } from '../../support/machines/node-run.ts';

const FORWARDING = '/proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv[46]/conf/*/*forwarding';

describe.each(stores())('calicoctl node run on several machines, with %s', (store) => {
  const machines = machinesForTests({ store });

  test('registers each machine, and a second instance on one is refused', async () => {
    const runs = await startNodes(machines.all);
    const nodes = await machines.machine('node1').said('get nodes -o wide');
    for (const { name, address } of machines.all) expect(nodes).toMatch(new RegExp(`${name} .*${address}/24`));
    const second = await startNode(machines.machine('node1'));
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain('already');
    for (const run of runs) expect(await run.stop()).toBe(0);
  });

  test('is refused where Felix runs, names it and changes nothing', async () => {
    const { host } = machines.machine('node2');
    const network = () => host.must('sh', ['-ec', `ip route; ip rule; grep -H . ${FORWARDING}`]);
    const before = await network();
    const felix = await host.must('bash', ['-c', '(exec -a calico-felix sleep 20) > /dev/null 2>&1 & echo $!']);
    const run = await startNode(machines.machine('node2'));
    expect(await run.ended).toBe(1);
    expect(run.output()).toMatch(/Felix runs on this machine/);
    expect(await network()).toBe(before);
    await host.must('sh', ['-c', 'kill "$@"', 'sh', felix.trim()]);
  });
});
