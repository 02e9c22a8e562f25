import { describe, expect } from 'vitest';
import { test } from '../../support/bed/bed.ts';
import { calicoctl, said } from '../../support/calicoctl/calicoctl.ts';
import { conf } from '../../support/stored/cluster.ts';

const GROUP = ['192.168.7.8', '192.168.9.0-192.168.9.1', 'fd80:24e2:f998:72d6::/64'];
const shown = (group: readonly string[]) => `ipam group show ${JSON.stringify(group)}`;

describe('ipam group show', () => {
  test('shows members, who holds each, and how many are free', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container, { conf: conf({ args: { cni: { ipGroup: GROUP } } }) });
    const lines = (await said(bed, shown(GROUP))).split('\n').filter((line) => !line.startsWith('+'));
    expect(lines.map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      'IPv4: 3 addresses, 1 assigned, 2 free',
      '| NUMBER | ADDRESS | HELD BY |',
      `| 0 | 192.168.7.8 | net1.${container.containerID} on node node1 |`,
      '| 1 | 192.168.9.0 | free |',
      '| 2 | 192.168.9.1 | free |',
      '',
      `IPv6: ${2n ** 64n} addresses, 0 assigned, ${2n ** 64n} free, which are not listed`,
      '',
    ]);
  });

  test('refuses what is no group', async ({ bed }) => {
    const wrong = await calicoctl(bed, shown(['192.168.7.9/29']));
    expect([wrong.exit, wrong.stderr]).toEqual([
      1,
      expect.stringContaining('"192.168.7.9/29" has host bits: write 192.168.7.8/29'),
    ]);
    expect((await calicoctl(bed, 'ipam group show')).exit).toBe(2);
    expect(await calicoctl(bed, 'ipam group show [7]')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('7 is not a string; a group is a list such as'),
    });
  });

  test('says that it needs a kubeconfig for a pod', async ({ bed }) => {
    expect(await calicoctl(bed, 'ipam group show -n prod web-0')).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(
        /invalid configuration: .*\n.*; pods are read from the API server that KUBECONFIG names/,
      ),
    });
  });
});
