import { describe, expect, test } from 'vitest';
import { machine } from '../../support/bed/etcd-machine.ts';
import { calicoctl, said } from '../../support/calicoctl/calicoctl.ts';
import { callPlugin, resultOf } from '../../support/calls/call.ts';
import type { Etcd } from '../../support/etcd/etcd.ts';
import { conf, node, pool } from '../../support/stored/cluster.ts';

const NODENAME = '/var/lib/calico/nodename';
const FIRST = 'init --cidr=10.10.0.0/16 --block-size=28 --ipv6-cidr=fd00:10::/64 --node=n1';

describe('calicoctl init', () => {
  test('makes everything that the first ADD needs, and nothing the second time', async () => {
    const bed = await machine({});
    const first = await said(bed, FIRST);
    expect(first.split('\n').filter((line) => !line.includes('Tier('))).toEqual([
      'Made ClusterInformation(default)',
      'Made IPPool(default-ipv4-ippool) 10.10.0.0/16, blocks of /28',
      'Made IPPool(default-ipv6-ippool) fd00:10::/64, blocks of /122',
      'Made Node(n1), IPv4 address 10.0.0.1/24 (of uplink, the default route’s)',
      `Made ${NODENAME}: n1`,
      '',
    ]);
    const before = await bed.etcd.dump();
    expect(await said(bed, FIRST)).toBe(
      first
        .split('\n')
        .filter((line) => !line.includes('Tier('))
        .join('\n')
        .replaceAll('Made', 'Found')
        .replace(/ \(of uplink.*\)/, ''),
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
    ['the wrong family', 'init --cidr=fd00::/64', 2, /must be an IPv4 network/],
    ['a size without a pool', 'init --block-size=28', 2, /needs --cidr/],
    ["a node name that differs from the file's", 'init --node=other', 1, /says n1, not other/],
    [
      'an unknown method',
      'init --ip-autodetection-method=best',
      2,
      /^--ip-autodetection-method: Invalid IP autodetection method: best\nIt must be one of: first-found, /,
    ],
    ['an invalid node name', 'init --node=N_1 --cidr=10.3.0.0/16', 1, /says n1, not N_1/],
  ])('rejects %s, and changes no pool', async (_name, line, status, reason) => {
    const bed = await machine(pool('p', '192.168.0.0/16'));
    await bed.host.must('sh', ['-c', `printf n1 > ${NODENAME}`]);
    const { exit, stderr } = await calicoctl(bed, line);
    expect([exit, stderr]).toEqual([status, expect.stringMatching(reason)]);
    const pools = Object.keys(await bed.etcd.dump()).filter((key) => key.includes('/ippools/'));
    expect(pools).toHaveLength(1);
    expect(await bed.host.must('cat', [NODENAME])).toBe('n1');
  });

  test('run twice concurrently makes everything once', async () => {
    const bed = await machine({});
    await bed.host.must('ip', ['addr', 'add', '2001:db8::7/64', 'dev', 'uplink', 'nodad']);
    const both = await Promise.all([calicoctl(bed, FIRST), calicoctl(bed, FIRST)]);
    expect(both.map(({ exit, stderr }) => [exit, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    const lines = both.flatMap(({ stdout }) => stdout.split('\n'));
    expect(lines.filter((line) => line.startsWith('Made IPPool'))).toHaveLength(2);
    expect(lines.filter((line) => line.startsWith('Made Node'))).toHaveLength(1);
  });

  describe("sets the Node's address", () => {
    const NODES = '/calico/resources/v3/projectcalico.org/nodes';
    const bgpOf = async ({ etcd }: { readonly etcd: Etcd }, name = 'n1') =>
      JSON.parse((await etcd.dump())[`${NODES}/${name}`] ?? '{}').spec?.bgp;

    test('as found, as given, and on a Node without one', async () => {
      const bed = await machine({});
      await said(bed, 'init --node=n1');
      expect(await bgpOf(bed)).toEqual({ ipv4Address: '10.0.0.1/24' });
      await bed.etcd.put({ [`${NODES}/n1`]: '{"kind":"Node","metadata":{"name":"n1","labels":{"a":"b"}},"spec":{}}' });
      expect(await said(bed, 'init')).toContain(
        'Found Node(n1)\nMade IPv4 address 10.0.0.1/24 of Node(n1) (of uplink, the default route’s)\n',
      );
      expect(await bgpOf(bed)).toEqual({ ipv4Address: '10.0.0.1/24' });
      expect(JSON.parse((await bed.etcd.dump())[`${NODES}/n1`] ?? '').metadata.labels).toEqual({ a: 'b' });
      await bed.etcd.del(`${NODES}/n1`);
      expect(await said(bed, 'init --ip=10.0.0.1 --ip6=2001:db8::1/64')).toContain(
        'Made Node(n1), IPv4 address 10.0.0.1/24 (of uplink, as given), ' +
          'IPv6 address 2001:db8::1/64 (as given; no interface of this machine has it)\n',
      );
      expect(await bgpOf(bed)).toEqual({ ipv4Address: '10.0.0.1/24', ipv6Address: '2001:db8::1/64' });
      await bed.etcd.del(`${NODES}/n1`);
      expect(await said(bed, 'init --ip=none')).toContain('Made Node(n1)\n');
      expect(await bgpOf(bed)).toBeUndefined();
    });

    test.each([
      ['--ip-autodetection-method=interface=eth.*,upl.*', {}, '10.0.0.1/24 (of uplink, whose name matches)'],
      ['--ip-autodetection-method=cidr=172.16.0.0/12,10.0.0.0/24', {}, '10.0.0.1/24 (of uplink, in the given network)'],
      ['--ip-autodetection-method=can-reach=10.0.0.254', {}, '10.0.0.1/24 (of uplink, which reaches 10.0.0.254)'],
      ['', { IP_AUTODETECTION_METHOD: 'can-reach=localhost' }, 'no address for Node(n1) was found on this machine'],
      ['', { IP_AUTODETECTION_METHOD: 'first-found' }, '10.9.0.1/16 (of newer, the first found)'],
      [
        '--ip-autodetection-method=skip-interface=newer',
        { IP: 'autodetect' },
        '10.0.0.1/24 (of uplink, the first found)',
      ],
      ['', { IP: '10.0.0.7/16' }, '10.0.0.7/16 (as given; no interface of this machine has it)'],
    ])('by the method that is named: %s %j', async (words, env, found) => {
      const bed = await machine({});
      const [name, address] = ['newer', '10.9.0.1/16'];
      await bed.host.must('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', 'newer0']);
      await bed.host.must('ip', ['addr', 'add', address, 'dev', name]);
      for (const link of [name, 'newer0']) await bed.host.must('ip', ['link', 'set', link, 'up']);
      const { stdout, stderr } = await calicoctl(bed, `init --node=n1 ${words}`.trim(), env);
      expect(stdout + stderr).toContain(found);
    });

    test('for IPv6 if there is an IPv6 pool', async () => {
      const bed = await machine({});
      const without = await calicoctl(bed, 'init --node=n1 --ipv6-cidr=fd00:10::/64');
      expect([without.exit, without.stderr]).toEqual([
        0,
        'No IPv6 address was found on this machine: set one with --ip6=ADDRESS, or use --ip6=none\n',
      ]);
      await bed.host.must('ip', ['addr', 'add', '2001:db8::7/64', 'dev', 'uplink', 'nodad']);
      expect(await said(bed, 'init')).toContain(
        'Made IPv6 address 2001:db8::7/64 of Node(n1) (of uplink, the first found)',
      );
      expect(await bgpOf(bed)).toEqual({ ipv4Address: '10.0.0.1/24', ipv6Address: '2001:db8::7/64' });
    });

    test.each([
      ['used by another Node', 'init --node=n1', "Calico node 'n2' is already using the IPv4 address 10.0.0.1"],
      [
        'given but used by another Node',
        'init --node=n1 --ip=10.0.0.3/8',
        "Calico node 'n3' is already using the IPv4 address 10.0.0.3",
      ],
      [
        'of IPv6, used by another Node',
        'init --node=n1 --ip=none --ip6=2001:DB8::3',
        "Calico node 'n3' is already using the IPv6 address 2001:db8::3",
      ],
      [
        'not the one the Node has',
        'init --node=n4 --ip=10.0.0.5',
        'Node(n4) has the IPv4 address 10.0.0.4/24, not 10.0.0.5/32',
      ],
    ])('but rejects one that is %s, before it writes anything', async (_, line, reason) => {
      const bgp = { ipv4Address: '10.0.0.3', ipv6Address: '2001:db8::3/64' };
      const before = {
        ...node('n2', '10.0.0.1/16'),
        ...node('n4', '10.0.0.4/24'),
        [`${NODES}/n3`]: JSON.stringify({ kind: 'Node', metadata: { name: 'n3' }, spec: { bgp } }),
      };
      const bed = await machine(before);
      const { exit, stderr } = await calicoctl(bed, `${line} --cidr=10.7.0.0/16`);
      expect([exit, stderr]).toEqual([1, expect.stringContaining(`Failed to execute command: ${reason}\n`)]);
      expect(await bed.etcd.dump()).toEqual(before);
    });

    test('and reports that this machine has none', async () => {
      const bed = await machine({});
      await bed.host.must('ip', ['addr', 'flush', 'dev', 'uplink']);
      const { exit, stderr } = await calicoctl(bed, 'init --node=n1');
      expect([exit, stderr]).toEqual([1, expect.stringContaining('no address for Node(n1) was found on this machine')]);
      expect(await bed.etcd.dump()).toEqual({});
      expect((await calicoctl(bed, 'init --node=n1 --ip=127.0.0.1')).exit).toBe(2);
    });
  });

  test('makes a second pool with its own name', async () => {
    const bed = await machine(pool('default-ipv4-ippool', '192.168.0.0/16'));
    expect(await said(bed, 'init --cidr=10.20.0.0/16 --cluster-only')).toContain('Made IPPool(ippool-10-20-0-0-16)');
  });
});
