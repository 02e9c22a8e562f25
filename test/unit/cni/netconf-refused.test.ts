import { describe, expect, test } from 'vitest';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';

function refusal(conf: object): string {
  try {
    readNetConf(JSON.stringify(conf));
  } catch (thrown) {
    return String(thrown);
  }
  return 'accepted';
}

describe('invalid values are rejected by key', () => {
  const type = (found: string, key: string, wanted: string) =>
    `Failure: failed to load netconf: json: cannot unmarshal ${found} into Go struct field NetConf.${key} of type ${wanted}`;

  test.each([
    [{ mtu: 'abc' }, type('string', 'mtu', 'int')],
    [{ mtu: 1.5 }, type('number 1.5', 'mtu', 'int')],
    [{ mtu: 1e100 }, type('number 1e+100', 'mtu', 'int')],
    [{ MTU: true }, type('bool', 'mtu', 'int')],
    [{ nodename: 5 }, type('number', 'nodename', 'string')],
    [{ nodename_file_optional: 'true' }, type('string', 'nodename_file_optional', 'bool')],
    [{ ipam: 'calico-ipam' }, type('string', 'ipam', 'object')],
    [{ ipam: { assign_ipv4: false } }, type('bool', 'ipam.assign_ipv4', 'string')],
    [{ ipam: { ipv4_pools: '10.0.0.0/8' } }, type('string', 'ipam.ipv4_pools', '[]string')],
    [{ ipam: { ipv4_pools: [['10.0.0.0/8']] } }, type('array', 'ipam.ipv4_pools', 'string')],
    [{ policy: [] }, type('array', 'policy', 'object')],
    [{ dataplane_options: 'grpc' }, type('string', 'dataplane_options', 'object')],
    [
      { runtimeConfig: { bandwidth: { egressRate: -1 } } },
      type('number', 'runtimeConfig.bandwidth.egressRate', 'uint64'),
    ],
    [{ 'cni.dev/valid-attachments': ['a'] }, type('string', 'cni.dev/valid-attachments[0]', 'object')],
  ])('%j', (conf, expected) => {
    expect(refusal(conf)).toBe(expected);
  });

  test('a valid attachment without a container, as GC would release its address', () => {
    expect(refusal({ 'cni.dev/valid-attachments': [{ ifname: 'eth0' }] })).toBe(
      'Failure: failed to load netconf: NetConf.cni.dev/valid-attachments[0].containerID: missing',
    );
  });

  test('a network name that cannot be part of a handle', () => {
    expect(refusal({ name: 'a/b' })).toBe(
      'Failure: invalid characters detected in the given network name. ' +
        'Only letters a-z, numbers 0-9, and symbols _.- are supported',
    );
  });

  test('text that is not JSON', () => {
    expect(() => readNetConf('')).toThrow('failed to load netconf: unexpected end of JSON input');
    expect(() => readNetConf('{]')).toThrow(/^failed to load netconf: ./);
  });
});
