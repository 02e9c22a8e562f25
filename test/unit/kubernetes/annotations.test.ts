import { describe, expect, test } from 'vitest';
import { annotatedAddresses } from '../../../plugins/kubernetes/annotated-addresses.ts';
import { allowedFloatingIPs, natsTo, wantedMac } from '../../../plugins/kubernetes/annotated-endpoint.ts';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';
import { spoofedPrefixes } from '../../../shared/kubernetes/pod-annotations.ts';
import { messageOf } from '../../support/inputs/outcome.ts';

const PREFIX = 'cni.projectcalico.org/';
const prefixed = (notes: Record<string, string>) =>
  Object.fromEntries(Object.entries(notes).map(([name, value]) => [PREFIX + name, value]));

function asked(pod: Record<string, string>, namespace: Record<string, string> = {}, conf: object = {}) {
  const netConf = readNetConf(
    JSON.stringify({ name: 'net1', ipam: { type: 'calico-ipam', ipv4_pools: ['configured'] }, ...conf }),
  );
  const object = (annotations: Record<string, string>) => ({ labels: {}, annotations: prefixed(annotations) });
  const nothing = { generateName: '', serviceAccountName: '', ports: [] };
  return annotatedAddresses(netConf, { ...object(pod), ...nothing }, object(namespace));
}

describe('pools', () => {
  test('are the configured ones by default', () => {
    expect(asked({}).ipam.ipv4Pools).toEqual(['configured']);
  });

  test('are the namespace’s before the configuration’s, and the pod’s before the namespace’s, family by family', () => {
    const namespace = { ipv4pools: '["ns4"]', ipv6pools: '["ns6"]' };
    expect(asked({}, namespace).ipam).toMatchObject({ ipv4Pools: ['ns4'], ipv6Pools: ['ns6'] });
    expect(asked({ ipv4pools: '["pod4"]' }, namespace).ipam).toMatchObject({ ipv4Pools: ['pod4'], ipv6Pools: ['ns6'] });
  });

  test('for IPv6 alone do not enable IPv6', () => {
    expect(asked({ ipv6pools: '["fd00::/64"]' }).ipam).toMatchObject({ assignIpv4: true, assignIpv6: false });
  });

  test('matter only to Calico’s IPAM', () => {
    const conf = { ipam: { type: 'host-local' } };
    expect(asked({ ipv4pools: 'no JSON' }, {}, conf).ipam.ipv4Pools).toEqual([]);
  });

  test('that are not JSON are rejected by the annotation’s name', () => {
    expect(messageOf(() => asked({ ipv4pools: 'bad' }))).toMatch(
      /^annotation "cni.projectcalico.org\/ipv4pools": failed to parse 'bad' as JSON: /,
    );
  });
});

describe('families', () => {
  test('override the configuration', () => {
    expect(asked({ ipFamilies: '["IPv6"]' }).ipam).toMatchObject({ assignIpv4: false, assignIpv6: true });
    expect(asked({}, { ipFamilies: '["IPv4","IPv6"]' }).ipam).toMatchObject({ assignIpv4: true, assignIpv6: true });
    expect(asked({ ipFamilies: '[]' }).ipam).toMatchObject({ assignIpv4: false, assignIpv6: false });
  });

  test.each(['["ipv4"]', 'IPv4', '"IPv4"', '[4]'])('%s is rejected', (value) => {
    expect(messageOf(() => asked({ ipFamilies: value }))).toBe(`error parsing ipFamilies: ${value}`);
  });
});

describe("the pod's own addresses", () => {
  test('are assigned by IPAM or bypass it', () => {
    expect(asked({ ipAddrs: '["10.1.2.3","FD00::1"]' })).toMatchObject({
      fixed: ['10.1.2.3', 'fd00::1'],
      unmanaged: [],
    });
    const allowed = { feature_control: { ip_addrs_no_ipam: true } };
    expect(asked({ ipAddrsNoIpam: '["10.1.2.3"]' }, {}, allowed)).toMatchObject({ fixed: [], unmanaged: ['10.1.2.3'] });
  });

  const hostLocal = { ipam: { type: 'host-local' } };
  const LIST = '["10.77.40.1"]';
  test.each<[string, Record<string, string>, object, string]>([
    [
      'both at once',
      { ipAddrs: LIST, ipAddrsNoIpam: LIST },
      {},
      "can't have both annotations: 'ipAddrs' and 'ipAddrsNoIpam' in use at the same time",
    ],
    ['another IPAM', { ipAddrs: LIST }, hostLocal, 'ipAddrs is not compatible with configured IPAM: host-local'],
    [
      'another IPAM, bypassed',
      { ipAddrsNoIpam: LIST },
      hostLocal,
      'ipAddrsNoIpam is not compatible with configured IPAM: host-local',
    ],
    ['a disabled feature', { ipAddrsNoIpam: LIST }, {}, 'requested feature is not enabled: ip_addrs_no_ipam'],
    [
      'two of a family',
      { ipAddrs: '["10.0.0.1","10.0.0.2"]' },
      {},
      'cannot have more than one IPv4 address for "cni.projectcalico.org/ipAddrs" annotation',
    ],
    [
      'two of the other',
      { ipAddrs: '["fd00::1","fd00::2"]' },
      {},
      'cannot have more than one IPv6 address for "cni.projectcalico.org/ipAddrs" annotation',
    ],
    ['no address', { ipAddrs: '["10.77.40"]' }, {}, 'invalid IP format: 10.77.40'],
    ['an empty list', { ipAddrs: '[]' }, {}, 'annotation "cni.projectcalico.org/ipAddrs" specified but empty'],
  ])('are rejected for %s', (_, notes, conf, wanted) => {
    expect(messageOf(() => asked(notes, {}, conf))).toBe(wanted);
  });

  test('that are not JSON are quoted', () => {
    expect(messageOf(() => asked({ ipAddrs: '10.0.0.1' }))).toMatch(
      /^failed to parse IPs 10.0.0.1 for annotation "cni.projectcalico.org\/ipAddrs": failed to parse '10.0.0.1' as JSON: ./,
    );
  });
});

describe('a fixed address group', () => {
  const ONE = '["10.9.0.8/29"]';
  const OTHER = '["10.9.1.1","fd00::1-fd00::9"]';
  const spansOf = (wish: ReturnType<typeof asked>) => wish.group?.members[4].map(({ from, to }) => Number(to - from));

  test('of the pod beats its namespace’s, which a pod without a wish of its own gets', () => {
    expect(asked({ ipGroup: ONE }, { ipGroup: OTHER })).toMatchObject({ fixed: [], unmanaged: [] });
    expect(spansOf(asked({ ipGroup: ONE }, { ipGroup: OTHER }))).toEqual([8]);
    expect(asked({}, { ipGroup: OTHER }).group?.from).toBe('annotation cni.projectcalico.org/ipGroup of the namespace');
    expect(asked({ ipAddrs: '["10.1.2.3"]' }, { ipGroup: OTHER })).toMatchObject({
      fixed: ['10.1.2.3'],
      group: undefined,
    });
    expect(asked({ ipGroup: '' }, {}).group).toBeUndefined();
  });

  const allowed = { feature_control: { ip_addrs_no_ipam: true } };
  test.each<[string, Record<string, string>, object, string]>([
    [
      'an address beside it',
      { ipGroup: ONE, ipAddrs: '["10.9.0.9"]' },
      {},
      "can't have both annotations: 'ipAddrs' and 'ipGroup' in use at the same time",
    ],
    [
      'an address without IPAM beside it',
      { ipGroup: ONE, ipAddrsNoIpam: '["10.9.0.9"]' },
      allowed,
      "can't have both annotations: 'ipAddrsNoIpam' and 'ipGroup' in use at the same time",
    ],
    [
      'another IPAM',
      { ipGroup: ONE },
      { ipam: { type: 'host-local' } },
      'ipGroup is not compatible with configured IPAM: host-local',
    ],
    [
      'no list',
      { ipGroup: '"10.9.0.1"' },
      {},
      `annotation "cni.projectcalico.org/ipGroup": failed to parse '"10.9.0.1"' as JSON: not a list`,
    ],
    ['an empty list', { ipGroup: '[]' }, {}, 'cannot read the fixed address group: it is empty'],
    [
      'a number',
      { ipGroup: '[7]' },
      {},
      `annotation "cni.projectcalico.org/ipGroup": failed to parse '[7]' as JSON: 7 is not a string`,
    ],
    [
      'a bad entry',
      { ipGroup: '["10.9.0.9/29"]' },
      {},
      'cannot read the fixed address group: "10.9.0.9/29" has host bits: write 10.9.0.8/29',
    ],
  ])('is refused for %s', (_, notes, conf, wanted) => {
    expect(messageOf(() => asked(notes, {}, conf))).toBe(wanted);
  });
});

describe('floating addresses', () => {
  const on = { featureControl: { floatingIps: true, ipAddrsNoIpam: false } };
  const off = { featureControl: { floatingIps: false, ipAddrsNoIpam: false } };

  test('map to the pod’s address of their family', () => {
    const found = allowedFloatingIPs(prefixed({ floatingIPs: '["1.2.3.4","fd01::1"]' }), on);
    expect(natsTo(['10.0.0.1', 'fd00::1'], found)).toEqual([
      { internalIP: '10.0.0.1', externalIP: '1.2.3.4' },
      { internalIP: 'fd00::1', externalIP: 'fd01::1' },
    ]);
  });

  test('are rejected if the pod has no address of their family', () => {
    expect(messageOf(() => natsTo(['10.0.0.1'], ['fd01::1']))).toBe(
      'floating IP fd01::1 needs an IPv6 address of the pod',
    );
  });

  test.each([
    ['[]', off, 'requested feature is not enabled: floating_ips'],
    ['["x"]', on, 'invalid IP format: x'],
  ])('%s is rejected', (value, conf, wanted) => {
    expect(messageOf(() => allowedFloatingIPs(prefixed({ floatingIPs: value }), conf))).toBe(wanted);
  });

  test('that are not JSON are rejected', () => {
    expect(messageOf(() => allowedFloatingIPs(prefixed({ floatingIPs: 'x' }), on))).toMatch(
      /^failed to parse 'x' as JSON: ./,
    );
  });
});

describe('source prefixes', () => {
  test('are stored as networks', () => {
    expect(spoofedPrefixes(prefixed({ allowedSourcePrefixes: '["10.1.2.3/8","fd00::1/64"]' }))).toEqual([
      '10.0.0.0/8',
      'fd00::/64',
    ]);
    expect(spoofedPrefixes({})).toEqual([]);
  });

  test('without a length are rejected', () => {
    const notes = prefixed({ allowedSourcePrefixes: '["8.8.8.8"]' });
    expect(messageOf(() => spoofedPrefixes(notes))).toBe(
      "failed to parse '8.8.8.8' as a CIDR: invalid CIDR address: 8.8.8.8",
    );
  });
});

describe('the MAC', () => {
  test.each(['02:AB:00:00:00:01', '02-ab-00-00-00-01', '02ab.0000.0001'])('may be written %s', (text) => {
    expect(wantedMac(prefixed({ hwAddr: text }))).toBe('02:ab:00:00:00:01');
  });

  test('is random by default', () => {
    expect(wantedMac({})).toBeUndefined();
  });

  test.each(['', 'x', '02:ab:00:00:00', '02:ab-00:00:00:01', '02ab00000001'])('%j is invalid', (text) => {
    const wanted = `failed to parse MAC address ${text} provided via cni.projectcalico.org/hwAddr: address ${text}: invalid MAC address`;
    expect(messageOf(() => wantedMac(prefixed({ hwAddr: text })))).toBe(wanted);
  });

  test.each(['03:ab:00:00:00:01', '00:00:00:00:00:00', '02:ab:00:00:00:01:02:03'])(
    '%s cannot be set on a veth',
    (text) => {
      expect(messageOf(() => wantedMac(prefixed({ hwAddr: text })))).toMatch(
        new RegExp(
          `^failed to set container-side interface MAC to ${text} as requested via cni.projectcalico.org/hwAddr: .`,
        ),
      );
    },
  );
});
