import { describe, expect, test } from 'vitest';
import { podRoutes } from '../../../plugins/kubernetes/container-routes.ts';
import { ANY, podCidrsOf, replacePodCidrs, usesPodCidr } from '../../../plugins/kubernetes/pod-cidr.ts';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';
import { messageOf } from '../../support/inputs/outcome.ts';

const CIDRS = { v4: '10.244.1.0/24', v6: 'fd00:1::/64' };

describe('usePodCidr', () => {
  test('is replaced in subnet and in every range, in any case, and nothing else is', () => {
    const ipam = {
      type: 'host-local',
      subnet: 'UsePodCidr',
      ranges: [
        [{ subnet: 'usepodcidr', gateway: '10.244.1.1' }],
        [{ subnet: 'usePodCidrIPv6' }, { subnet: '10.9.0.0/24' }],
      ],
    };
    expect(replacePodCidrs(ipam, () => CIDRS)).toEqual({
      type: 'host-local',
      subnet: CIDRS.v4,
      ranges: [[{ subnet: CIDRS.v4, gateway: '10.244.1.1' }], [{ subnet: CIDRS.v6 }, { subnet: '10.9.0.0/24' }]],
    });
    expect(ipam.subnet).toBe('UsePodCidr');
  });

  test('becomes a placeholder network for DEL', () => {
    expect(
      replacePodCidrs({ ranges: [[{ subnet: 'usePodCidr' }], [{ subnet: 'usePodCidrIPv6' }]] }, () => ANY),
    ).toEqual({
      ranges: [[{ subnet: '0.0.0.0/0' }], [{ subnet: '::/0' }]],
    });
  });

  test('is found only where a network is expected', () => {
    expect(usesPodCidr({ subnet: '10.0.0.0/24', gateway: 'usePodCidr' })).toBe(false);
    expect(usesPodCidr({ ranges: [[{ subnet: 'usepodcidripv6' }]] })).toBe(true);
  });

  test.each<[string, unknown, string]>([
    ['no section', undefined, 'failed to parse host-local IPAM data; was expecting a dict, not: <nil>'],
    [
      'ranges of another kind',
      { ranges: 'x' },
      'failed to parse host-local IPAM ranges section; was expecting a list, not: x',
    ],
    [
      'a set of another kind',
      { ranges: ['x'] },
      'failed to parse host-local IPAM range set; was expecting a list, not: x',
    ],
    [
      'a range of another kind',
      { ranges: [['x']] },
      'failed to parse host-local IPAM data; was expecting a dict, not: x',
    ],
    ['no IPv4 network', { subnet: 'usePodCidr' }, 'usePodCidr found but there is no IPv4 CIDR configured'],
    ['no IPv6 network', { subnet: 'usePodCidrIPv6' }, 'usePodCidrIPv6 found but there is no IPv6 CIDR configured'],
  ])('is rejected with %s', (_, ipam, wanted) => {
    expect(messageOf(() => replacePodCidrs(ipam, () => ({ v4: '', v6: '' })))).toBe(wanted);
  });
});

describe('a node’s pod networks', () => {
  test('are distinguished by family', () => {
    expect(podCidrsOf('n', ['fd00:1::/64', '10.244.1.0/24'])).toEqual(CIDRS);
    expect(podCidrsOf('n', ['10.244.1.0/24'])).toEqual({ v4: CIDRS.v4, v6: '' });
  });

  test('must exist and be of different families', () => {
    expect(messageOf(() => podCidrsOf('node1', []))).toBe('no podCidr for node node1');
    expect(messageOf(() => podCidrsOf('n', ['10.0.0.0/24', '10.0.1.0/24']))).toBe(
      'ClusterCIDR contains two ranges of the same type',
    );
  });
});

describe('a pod’s routes', () => {
  const routes = (ipam: object, more: object = {}) =>
    podRoutes(readNetConf(JSON.stringify({ name: 'n', ipam, ...more }))).map(({ dst }) => dst);

  test('are the defaults unless host-local names others', () => {
    expect(routes({ type: 'calico-ipam', routes: [{ dst: '10.0.0.0/8' }] })).toEqual(['0.0.0.0/0', '::/0']);
    expect(routes({ type: 'host-local' })).toEqual(['0.0.0.0/0', '::/0']);
  });

  test('are host-local’s only, without those that lead nowhere', () => {
    const ipam = {
      type: 'host-local',
      routes: [{ dst: '10.0.0.0/8', gw: '10.0.0.1' }, { gw: '10.0.0.1' }, { dst: 'fd00::/8' }],
    };
    expect(routes(ipam)).toEqual(['10.0.0.0/8', 'fd00::/8']);
    expect(routes(ipam, { include_default_routes: true })).toEqual(['10.0.0.0/8', 'fd00::/8', '0.0.0.0/0', '::/0']);
  });

  test('contain no default twice', () => {
    const ipam = { type: 'host-local', routes: [{ dst: '0.0.0.0/0' }] };
    expect(routes(ipam, { include_default_routes: true })).toEqual(['0.0.0.0/0', '::/0']);
  });
});
