import { describe, expect, test } from 'vitest';
import { ofKind, printing } from './printed.ts';

describe('the pools of a manifest', () => {
  test.each([
    ['--pool 10.244.0.0/16', ['default-ipv4-ippool 10.244.0.0/16']],
    ['--pool fd00:10:244::/64', ['default-ipv6-ippool fd00:10:244::/64']],
    [
      '--pool 10.244.0.0/16 --pool=fd00:10:244::/64',
      ['default-ipv4-ippool 10.244.0.0/16', 'default-ipv6-ippool fd00:10:244::/64'],
    ],
    ['--pool 10.1.0.0/16 --pool 10.2.0.0/16', ['10.1.0.0-16 10.1.0.0/16', '10.2.0.0-16 10.2.0.0/16']],
    [
      '--pool 10.1.0.0/16 --pool 10.2.0.0/16 --pool fd00:A::/64',
      ['10.1.0.0-16 10.1.0.0/16', '10.2.0.0-16 10.2.0.0/16', 'fd00.000a.0000.0000.0000.0000.0000.0000-64 fd00:a::/64'],
    ],
  ])('%s are named as the operator names them', (words, names) => {
    const pools = ofKind('IPPool', words);
    expect(pools.map(({ metadata, spec }) => `${metadata.name} ${spec?.['cidr']}`)).toEqual(names);
  });

  test('have every setting, so that nothing depends on defaults', () => {
    const [pool] = ofKind('IPPool', '--pool 10.244.0.0/16 --block-size 28 --encapsulation VXLANCrossSubnet');
    expect(pool).toEqual({
      apiVersion: 'crd.projectcalico.org/v1',
      kind: 'IPPool',
      metadata: { name: 'default-ipv4-ippool' },
      spec: {
        cidr: '10.244.0.0/16',
        blockSize: 28,
        ipipMode: 'Never',
        vxlanMode: 'CrossSubnet',
        natOutgoing: true,
        nodeSelector: 'all()',
        allowedUses: ['Workload', 'Tunnel'],
        assignmentMode: 'Automatic',
      },
    });
  });

  test.each([
    ['None', { ipipMode: 'Never', vxlanMode: 'Never' }],
    ['IPIP', { ipipMode: 'Always', vxlanMode: 'Never' }],
    ['IPIPCrossSubnet', { ipipMode: 'CrossSubnet', vxlanMode: 'Never' }],
    ['VXLAN', { ipipMode: 'Never', vxlanMode: 'Always' }],
  ])('with --encapsulation %s have its modes', (mode, modes) => {
    expect(ofKind('IPPool', `--pool 10.244.0.0/16 --encapsulation ${mode}`)[0]?.spec).toMatchObject(modes);
  });

  test('hide IPv4 pods behind their node by default, IPv6 pods only if asked to', () => {
    const nat = (words: string) => ofKind('IPPool', words).map(({ spec }) => spec?.['natOutgoing'] ?? false);
    const both = '--pool 10.244.0.0/16 --pool fd00:10:244::/64';
    expect(nat(both)).toEqual([true, false]);
    expect(nat(`${both} --nat-outgoing true`)).toEqual([true, true]);
    expect(nat(`${both} --nat-outgoing=false`)).toEqual([false, false]);
  });

  test('take the block size of their family, and all take the node selector', () => {
    const words =
      '--pool 10.244.0.0/16 --pool fd00:10:244::/64 --block-size 24 --block-size 120 --node-selector has(gpu)';
    const found = ofKind('IPPool', words).map(({ spec }) => [spec?.['blockSize'], spec?.['nodeSelector']]);
    expect(found).toEqual([
      [24, 'has(gpu)'],
      [120, 'has(gpu)'],
    ]);
  });

  test('of IPv6 make pods get an IPv6 address', () => {
    const ipam = (words: string) => {
      const [config] = ofKind('ConfigMap', words);
      const text = `${config?.data?.['cni_network_config']}`.replace('__CNI_MTU__', '0');
      return JSON.parse(text).plugins[0].ipam;
    };
    expect(ipam('--pool 10.244.0.0/16')).toEqual({ type: 'calico-ipam' });
    expect(ipam('--pool fd00::/64')).toEqual({ type: 'calico-ipam', assign_ipv4: 'false', assign_ipv6: 'true' });
    expect(ipam('--pool fd00::/64 --pool 10.0.0.0/8')).toMatchObject({ assign_ipv4: 'true', assign_ipv6: 'true' });
  });

  test('may be missing, and a note says so', () => {
    expect(ofKind('IPPool', '')).toEqual([]);
    expect(printing('').err).toMatch(/^note: no pool: /);
    expect(printing('--pool 10.244.0.0/16').err).toBe('');
  });

  test.each([
    ['--pool 10.244.0.0', '--pool 10.244.0.0: not a network\n  write ADDRESS/LENGTH, such as 10.244.0.0/16'],
    ['--pool fd00::/200', '--pool fd00::/200: not a network\n  write ADDRESS/LENGTH, such as fd00:10:244::/64'],
    [
      '--pool 127.0.0.0/16',
      '--pool 127.0.0.0/16: pods cannot have addresses of 127.0.0.0/8\n  choose a private network, such as 10.244.0.0/16',
    ],
    [
      '--pool 224.1.0.0/16',
      '--pool 224.1.0.0/16: pods cannot have addresses of 224.0.0.0/3\n  choose a private network, such as 10.244.0.0/16',
    ],
    [
      '--pool ff02::/64',
      '--pool ff02::/64: pods cannot have addresses of ff00::/8\n  choose a private network, such as fd00:10:244::/64',
    ],
    ['--pool 10.244.0.1/16', '--pool 10.244.0.1/16: host bits are set\n  write 10.244.0.0/16, if that is meant'],
    [
      '--pool 10.0.0.0/8 --pool fd00::/64 --pool 10.9.0.0/16',
      '--pool 10.9.0.0/16: overlaps 10.0.0.0/8\n  an address can be in one pool only: choose networks that do not overlap',
    ],
    [
      '--pool 10.0.0.0/8 --pool 10.0.0.0/8',
      '--pool 10.0.0.0/8: overlaps 10.0.0.0/8\n  an address can be in one pool only: choose networks that do not overlap',
    ],
    ['--pool 10.0.0.0/8 --block-size 33', '--block-size 33 is not possible\n  give 20 to 32, or for IPv6 116 to 128'],
    ['--pool 10.0.0.0/8 --block-size x', '--block-size x is not possible\n  give 20 to 32, or for IPv6 116 to 128'],
    ['--pool 10.0.0.0/8 --block-size 122', '--block-size 122 is for IPv6\n  there is no --pool of that family'],
    [
      '--pool 10.0.0.0/8 --encapsulation vxlan',
      '--encapsulation is "vxlan"\n  give one of None, IPIP, IPIPCrossSubnet, VXLAN, VXLANCrossSubnet',
    ],
    ['--pool 10.0.0.0/8 --nat-outgoing on', '--nat-outgoing is "on"\n  give one of true, false'],
    [
      '--pool 10.0.0.0/28 --block-size 26',
      '--pool 10.0.0.0/28: error with field spec (IP pool size is too small for use with Calico IPAM. It must be equal to or greater than the block size.)\n  Calico does not take such a pool: change this setting',
    ],
    [
      '--pool fd00::/64 --encapsulation IPIP',
      '--pool fd00::/64: error with field spec (IPIP is not supported on IPv6 pools)\n  Calico does not take such a pool: change this setting',
    ],
    [
      '--pool 10.0.0.0/8 --node-selector has(',
      "--pool 10.0.0.0/8: error with field NodeSelector = 'has(' (Reason: failed to validate Field: NodeSelector because of Tag: selector )\n  Calico does not take such a pool: change this setting",
    ],
  ])('%s is refused', (words, why) => {
    expect(printing(words)).toEqual({ out: '', err: `calico-install manifest: ${why}\n`, status: 1 });
  });
});
