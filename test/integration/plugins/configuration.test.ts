import { describe, expect } from 'vitest';
import { test } from '../../support/bed/bed.ts';
import { expectRefused, PLAIN_FILE, type Refusal, withConf } from '../../support/bed/refusal.ts';

const ARGUMENTS: readonly Refusal[] = [
  { name: 'an argument without =', changes: { args: 'FOO' }, failure: { code: 999, msg: 'ARGS: invalid pair "FOO"' } },
  { name: 'an empty pair', changes: { args: 'K8S_POD_NAME=a;' }, failure: { code: 999, msg: 'ARGS: invalid pair ""' } },
  {
    name: 'an unknown argument without IgnoreUnknown',
    changes: { args: 'IgnoreUnknown=0;FOO=bar' },
    failure: { code: 999, msg: 'ARGS: unknown args ["FOO=bar"]' },
  },
  {
    name: 'an address with a length',
    changes: { args: 'IP=10.0.0.5/24' },
    failure: { code: 999, msg: 'ARGS: error parsing value of pair "IP=10.0.0.5/24": invalid IP address: 10.0.0.5/24' },
  },
];

const VALUES: readonly Refusal[] = [
  ...Object.entries({
    mtu: 'abc',
    num_queues: 'x',
    ipam: 'calico-ipam',
    etcd_endpoints: 5,
    nodename: 7,
    nodename_file_optional: 'yes',
    container_settings: [],
    include_default_routes: 'true',
  }).map(([key, value]) => ({
    name: `${key} of the wrong type`,
    changes: withConf({ [key]: value }),
    failure: { code: 999, msg: expect.stringMatching(new RegExp(`^failed to load netconf: .*${key}`)) },
  })),
  { name: 'no IPAM', changes: withConf({ ipam: {} }), failure: { code: 999, msg: 'no plugin name provided' } },
  {
    name: 'an IPAM plugin that does not exist',
    changes: { ...withConf({ ipam: { type: 'nosuch' } }), path: '/opt/cni/bin:/nowhere' },
    failure: { code: 999, msg: 'failed to find plugin "nosuch" in path [/opt/cni/bin /nowhere]' },
  },
  {
    name: 'an unknown device type',
    changes: withConf({ device_type: 'tap' }),
    failure: { code: 999, msg: 'unknown device_type "tap" in CNI config (supported: "veth", "netkit")' },
  },
  {
    name: 'an unknown dataplane',
    changes: withConf({ dataplane_options: { type: 'frob' } }),
    failure: { code: 999, msg: 'invalid dataplane type: frob' },
  },
  {
    name: 'a required nodename file that is missing',
    changes: withConf({ nodename_file_optional: false, nodename_file: '/nosuch/nodename' }),
    failure: {
      code: 999,
      msg: 'stat /nosuch/nodename: no such file or directory: check that the calico/node container is running and has mounted /var/lib/calico/',
    },
  },
  {
    name: "a path that starts with a file's name and contains a NUL",
    changes: withConf({ nodename_file_optional: false, nodename_file: '/etc/passwd\0x' }),
    failure: { code: 999, msg: expect.stringContaining('null bytes') },
  },
  { name: 'a missing MTU file', changes: withConf({ require_mtu_file: true }), failure: { code: 999 } },
  {
    name: 'the Kubernetes datastore',
    changes: withConf({ datastore_type: 'kubernetes' }),
    failure: { msg: expect.stringContaining('datastore_type') },
  },
  {
    name: 'no endpoints at all',
    changes: withConf({ datastore_type: undefined, etcd_endpoints: undefined }),
    failure: { msg: expect.stringContaining('datastore_type') },
  },
  {
    name: 'an unknown datastore',
    changes: withConf({ datastore_type: 'x' }),
    failure: { code: 999, msg: expect.stringContaining('unknown datastore type: x') },
  },
  {
    name: 'two ways to discover etcd',
    changes: withConf({ etcd_discovery_srv: 'example.com' }),
    failure: {
      code: 999,
      msg: expect.stringContaining(
        'multiple discovery or bootstrap options specified, use either "etcdEndpoints" or "etcdDiscoverySrv"',
      ),
    },
  },
  {
    name: 'an unreadable CA file',
    changes: withConf({ etcd_ca_cert_file: '/nosuch/ca' }),
    failure: {
      code: 999,
      msg: expect.stringMatching(
        /^error creating calico client: could not initialize etcdv3 client: open \/nosuch\/ca/,
      ),
    },
  },
];

const NAMES: readonly Refusal[] = [
  ...['FBx', 'fb_x', 'fb.x', 'fbx-', `a${'b'.repeat(250)}`].map((containerID) => ({
    name: `the container id ${containerID.slice(0, 8)}, which cannot be in an endpoint's name`,
    changes: { containerID },
    failure: { code: 999, msg: expect.stringMatching(/error with field|error with the following fields/) },
  })),
  {
    name: 'an interface name with an upper-case letter',
    changes: { ifname: 'Eth0' },
    failure: { code: 999, msg: expect.stringContaining("Metadata.Name = 'node1-cni-") },
  },
  {
    name: 'a node name with an underscore',
    changes: withConf({ nodename: 'node_1' }),
    failure: { code: 999, msg: expect.stringContaining("Metadata.Name = 'node_1-cni-") },
  },
  {
    name: "a network name that cannot be a profile's name",
    changes: withConf({ name: 'Net_1' }),
    failure: { code: 999, msg: expect.stringContaining('Profiles[0]') },
  },
];

const STORE: readonly Refusal[] = [
  {
    name: 'a node that does not exist in the datastore',
    changes: withConf({ nodename: 'node9' }),
    failure: { code: 999, msg: 'resource does not exist: Node(node9) with error: <nil>' },
  },
  {
    name: 'a namespace that does not exist',
    changes: { netns: '/var/run/netns/nosuch' },
    failure: { code: 999, msg: 'failed to Statfs "/var/run/netns/nosuch": no such file or directory' },
  },
  {
    name: 'a path that is not a namespace',
    changes: { netns: PLAIN_FILE },
    failure: { code: 999, msg: expect.stringContaining('/run/calico-test/plain') },
  },
  {
    name: "the plugin's own namespace",
    changes: { netns: '/proc/self/ns/net' },
    failure: { code: 8, msg: "plugin's netns and netns from CNI_NETNS should not be the same" },
  },
  {
    name: 'an address outside all pools',
    changes: { args: 'IP=10.9.9.9' },
    failure: { code: 999, msg: 'The provided IP address is not in a configured pool\n' },
  },
  {
    name: 'an unknown pool',
    changes: withConf({ ipam: { type: 'calico-ipam', ipv4_pools: ['nosuch'] } }),
    failure: { code: 999, msg: 'error parsing pool "nosuch": invalid CIDR address: nosuch' },
  },
];

describe.for([
  { kind: 'arguments', refusals: ARGUMENTS },
  { kind: 'values', refusals: VALUES },
  { kind: 'names', refusals: NAMES },
  { kind: 'requests', refusals: STORE },
])('invalid $kind', ({ refusals }) => {
  test('are rejected with kernel and etcd unchanged', async ({ bed }) => {
    await expectRefused(bed, refusals);
  });
});
