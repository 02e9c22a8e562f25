import { describe, expect, test } from 'vitest';
import type { Result } from '../../../shared/cni/result.ts';
import { formatResult } from '../../../shared/cni/result-format.ts';
import { parseResult } from '../../../shared/cni/result-read.ts';
import { ALL_VERSIONS } from '../../../shared/cni/version.ts';
import { failure } from '../../../shared/error/failure.ts';

/** The original's ADD result. mtu is present, for the versions that have it. */
const POD: Result = {
  interfaces: [
    { name: 'cali0123456789a' },
    { name: 'eth0', mac: 'f6:59:49:ef:7e:e5', mtu: 1500, sandbox: '/var/run/netns/pod1' },
  ],
  ips: [{ address: '192.168.166.128/32', interface: 1 }],
  routes: [{ dst: '192.168.166.128/26' }],
};

const DUAL: Result = {
  interfaces: [],
  ips: [{ address: '10.0.0.1/32', gateway: '10.0.0.254' }, { address: 'fd00::1/128' }, { address: '10.0.0.2/32' }],
  routes: [{ dst: '::/0', gw: 'fd00::9' }, { dst: '0.0.0.0/0' }, { dst: '10.1.0.0/16', mtu: 1400, table: 0 }],
  dns: { search: ['s'], nameservers: ['1.1.1.1'], domain: 'd', options: [] },
};

const line = (text: string) => text.replace(/\n */g, '');

describe("each version is printed like the original's", () => {
  test('1.0.0: keys in alphabetical order, no dns', () => {
    expect(formatResult(POD, '1.0.0')).toBe(`{
    "cniVersion": "1.0.0",
    "interfaces": [
        {
            "name": "cali0123456789a"
        },
        {
            "mac": "f6:59:49:ef:7e:e5",
            "mtu": 1500,
            "name": "eth0",
            "sandbox": "/var/run/netns/pod1"
        }
    ],
    "ips": [
        {
            "address": "192.168.166.128/32",
            "interface": 1
        }
    ],
    "routes": [
        {
            "dst": "192.168.166.128/26"
        }
    ]
}`);
  });

  test.each(['0.3.0', '0.3.1', '0.4.0'])('%s: the IP version first, always with dns, no mtu', (version) => {
    expect(formatResult(POD, version)).toBe(`{
    "cniVersion": "${version}",
    "interfaces": [
        {
            "name": "cali0123456789a"
        },
        {
            "name": "eth0",
            "mac": "f6:59:49:ef:7e:e5",
            "sandbox": "/var/run/netns/pod1"
        }
    ],
    "ips": [
        {
            "version": "4",
            "interface": 1,
            "address": "192.168.166.128/32"
        }
    ],
    "routes": [
        {
            "dst": "192.168.166.128/26"
        }
    ],
    "dns": {}
}`);
  });

  test.each(['0.1.0', '0.2.0'])('%s: routes beside the address, no interfaces', (version) => {
    expect(formatResult(POD, version)).toBe(`{
    "cniVersion": "${version}",
    "ip4": {
        "ip": "192.168.166.128/32",
        "routes": [
            {
                "dst": "192.168.166.128/26"
            }
        ]
    },
    "dns": {}
}`);
  });

  test('two families in 1.1.0', () => {
    expect(line(formatResult(DUAL, '1.1.0'))).toBe(
      '{"cniVersion": "1.1.0","dns": {"domain": "d","nameservers": ["1.1.1.1"],"search": ["s"]},' +
        '"ips": [{"address": "10.0.0.1/32","gateway": "10.0.0.254"},{"address": "fd00::1/128"},{"address": "10.0.0.2/32"}],' +
        '"routes": [{"dst": "::/0","gw": "fd00::9"},{"dst": "0.0.0.0/0"},{"dst": "10.1.0.0/16","mtu": 1400,"table": 0}]}',
    );
  });

  test('two families in 0.2.0: the first address of each, with the routes of its family', () => {
    expect(line(formatResult(DUAL, '0.2.0'))).toBe(
      '{"cniVersion": "0.2.0","ip4": {"ip": "10.0.0.1/32","gateway": "10.0.0.254",' +
        '"routes": [{"dst": "0.0.0.0/0"},{"dst": "10.1.0.0/16"}]},' +
        '"ip6": {"ip": "fd00::1/128","routes": [{"dst": "::/0","gw": "fd00::9"}]},' +
        '"dns": {"nameservers": ["1.1.1.1"],"domain": "d","search": ["s"]}}',
    );
  });

  test('an empty result', () => {
    const empty: Result = { interfaces: [], ips: [], routes: [] };
    expect(line(formatResult(empty, '1.0.0'))).toBe('{"cniVersion": "1.0.0"}');
    expect(line(formatResult(empty, '0.4.0'))).toBe('{"cniVersion": "0.4.0","dns": {}}');
    for (const version of ['0.1.0', '0.2.0']) {
      expect(() => formatResult(empty, version)).toThrow('cannot convert: no valid IP addresses');
    }
  });
});

describe('reading a result', () => {
  test.each(ALL_VERSIONS.filter((version) => version >= '1.0.0'))('of %s restores what was printed', (version) => {
    expect(parseResult(formatResult(POD, version), 'it')).toEqual(POD);
    const { options: _, ...dns } = DUAL.dns ?? {};
    expect(parseResult(formatResult(DUAL, version), 'it')).toEqual({ ...DUAL, dns });
  });

  test('of 0.4.0', () => {
    const text =
      '{"cniVersion":"0.4.0","interfaces":[{"name":"x"}],"ips":[{"version":"4","interface":0,"address":"10.0.0.5/24","gateway":"10.0.0.1"}],"dns":{}}';
    expect(parseResult(text, 'it')).toEqual({
      interfaces: [{ name: 'x' }],
      ips: [{ address: '10.0.0.5/24', gateway: '10.0.0.1', interface: 0 }],
      routes: [],
    });
  });

  test('of 0.2.0, also without a version', () => {
    const ip4 = { ip: '10.0.0.5/24', gateway: '10.0.0.1', routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }] };
    expect(parseResult(JSON.stringify({ ip4, ip6: { ip: 'fd00::1/64' } }), 'it')).toEqual({
      interfaces: [],
      ips: [{ address: '10.0.0.5/24', gateway: '10.0.0.1' }, { address: 'fd00::1/64' }],
      routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }],
    });
  });

  test.each([
    ['', 'failed to read it: unexpected end of JSON input'],
    ['[]', 'failed to read it: json: cannot unmarshal array into Go value of type object'],
    ['{"ips":{}}', 'failed to read it: json: cannot unmarshal object into Go struct field Result.ips of type []object'],
    [
      '{"ips":[{"address":5}]}',
      'failed to read it: json: cannot unmarshal number into Go struct field Result.ips[0].address of type string',
    ],
    ['{"ips":[{"address":"10.0.0.5"}]}', 'failed to read it: Result.ips[0].address: invalid CIDR address: 10.0.0.5'],
    ['{"ip4":{}}', 'failed to read it: Result.ip4.ip: invalid CIDR address: '],
    ['{"routes":[{"gw":"1.1.1.1"}]}', 'failed to read it: Result.routes[0].dst: invalid CIDR address: '],
  ])('%s is rejected by name', (text, expected) => {
    expect(() => parseResult(text, 'it')).toThrow(failure(expected));
  });
});
