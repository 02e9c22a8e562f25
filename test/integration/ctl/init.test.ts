import { describe, expect, test } from 'vitest';
import { calicoctl, said } from '../../support/calicoctl.ts';
import { conf, pool } from '../../support/cluster.ts';
import { callPlugin, resultOf } from '../../support/cni.ts';
import { machine } from '../../support/machine.ts';

const NODENAME = '/var/lib/calico/nodename';
const FIRST = 'init --cidr=10.10.0.0/16 --block-size=28 --ipv6-cidr=fd00:10::/64 --node=n1';

describe('calicoctl init', () => {
  test('makes all that the first ADD needs, and the second time nothing', async () => {
    const bed = await machine({});
    const first = await said(bed, FIRST);
    expect(first.split('\n').filter((line) => !line.includes('Tier('))).toEqual([
      'Made ClusterInformation(default)',
      'Made IPPool(default-ipv4-ippool) 10.10.0.0/16, blocks of /28',
      'Made IPPool(default-ipv6-ippool) fd00:10::/64, blocks of /122',
      'Made Node(n1)',
      `Made ${NODENAME}: n1`,
      '',
    ]);
    const before = await bed.etcd.dump();
    expect(await said(bed, FIRST)).toBe(
      first
        .split('\n')
        .filter((line) => !line.includes('Tier('))
        .join('\n')
        .replaceAll('Made', 'Found'),
    );
    expect(await bed.etcd.dump()).toEqual(before);
    expect(await bed.host.must('cat', [NODENAME])).toBe('n1');
    const call = { command: 'ADD', plugin: 'calico-ipam', containerID: 'c1', netns: '/var/run/netns/x' };
    const added = await callPlugin(bed.host, { ...call, conf: { ...conf(), nodename: undefined } });
    expect(resultOf(added).ips[0]?.address).toMatch(/^10\.10\.\d+\.\d+\/28$/);
  });

  test.each([
    [
      'a pool that overlaps',
      'init --cidr=192.168.8.0/24 --cluster-only',
      1,
      /CIDR overlaps with IPPool\(p\) CIDR 192\.168\.0\.0\/16/,
    ],
    [
      'another block size',
      'init --cidr=192.168.0.0/16 --block-size=28 --cluster-only',
      1,
      /has blocks of \/26, not of \/28/,
    ],
    ['a block larger than the pool', 'init --cidr=10.0.0.0/29 --cluster-only', 1, /IP pool size is too small/],
    ['host bits', 'init --cidr=10.0.0.1/24', 2, /has host bits set: 10\.0\.0\.0\/24\?/],
    ['the wrong family', 'init --cidr=fd00::/64', 2, /wants an IPv4 network/],
    ['a size without a pool', 'init --block-size=28', 2, /goes with --cidr/],
    ['another node name than the file', 'init --node=other', 1, /says n1, not other/],
    ['a node name that cannot be', 'init --node=N_1 --cidr=10.3.0.0/16', 1, /says n1, not N_1/],
  ])('refuses %s, and changes no pool', async (_name, line, status, reason) => {
    const bed = await machine(pool('p', '192.168.0.0/16'));
    await bed.host.must('sh', ['-c', `printf n1 > ${NODENAME}`]);
    const { exit, stderr } = await calicoctl(bed, line);
    expect([exit, stderr]).toEqual([status, expect.stringMatching(reason)]);
    const pools = Object.keys(await bed.etcd.dump()).filter((key) => key.includes('/ippools/'));
    expect(pools).toHaveLength(1);
    expect(await bed.host.must('cat', [NODENAME])).toBe('n1');
  });

  test('of two at once makes everything once', async () => {
    const bed = await machine({});
    const both = await Promise.all([calicoctl(bed, FIRST), calicoctl(bed, FIRST)]);
    expect(both.map(({ exit, stderr }) => [exit, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    const lines = both.flatMap(({ stdout }) => stdout.split('\n'));
    expect(lines.filter((line) => line.startsWith('Made IPPool'))).toHaveLength(2);
    expect(lines.filter((line) => line.startsWith('Made Node'))).toHaveLength(1);
  });

  test('makes a further pool under a name of its own', async () => {
    const bed = await machine(pool('default-ipv4-ippool', '192.168.0.0/16'));
    expect(await said(bed, 'init --cidr=10.20.0.0/16 --cluster-only')).toContain('Made IPPool(ippool-10-20-0-0-16)');
  });
});
