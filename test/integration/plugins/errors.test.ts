import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, test } from '../../support/bed/bed.ts';
import { cover, uncover } from '../../support/bed/covered-program.ts';
import type { State } from '../../support/bed/state.ts';
import { type CniFailure, failureOf } from '../../support/calls/call.ts';
import { clusterInformation, conf, POOL4, pool } from '../../support/stored/cluster.ts';
import { CONFIG, nodeKeyOf, reservation } from '../../support/stored/ipam-world.ts';

/** A way for ADD to fail, and what its error must say: what failed, where, and what to do. */
interface Failure {
  readonly name: string;
  /** Before the container is created. */
  readonly prepare?: (bed: Bed) => Promise<unknown>;
  /** Just before and just after the ADD. */
  readonly harm?: (bed: Bed) => Promise<unknown>;
  readonly restore?: (bed: Bed) => Promise<unknown>;
  readonly changes?: CallChanges;
  readonly code: number;
  readonly msg: RegExp;
  readonly details: RegExp;
  /** Fails only after the address was assigned, so that a block may have been claimed. */
  readonly late?: boolean;
}

const withConf = (changes: object): CallChanges => ({ conf: conf({ ...changes }) });
const LIMITED = { runtimeConfig: { bandwidth: { ingressRate: 1_000_000, ingressBurst: 80_000 } } };
const SMALL = pool('default-ipv4-ippool', '10.78.0.0/30', { blockSize: 30 });

const BUSYBOX =
  'cd /run/calico-test; mkdir small; printf "#!/bin/sh\\n" > small/busybox; chmod 755 small/busybox; ln -s busybox small/tc';

const DATASTORE: readonly Failure[] = [
  {
    name: 'etcd cannot be reached',
    changes: withConf({ etcd_endpoints: 'http://127.0.0.1:1,http://127.0.0.1:2' }),
    code: 11,
    msg: /http:\/\/127\.0\.0\.1:1.*http:\/\/127\.0\.0\.1:2/,
    details: /http:\/\/127\.0\.0\.1:1: .*refused.*http:\/\/127\.0\.0\.1:2: .*refused/i,
  },
  {
    name: 'the datastore is locked',
    prepare: (bed) => bed.etcd.put(clusterInformation({ datastoreReady: false })),
    code: 999,
    msg: /^Calico is currently not ready to process requests$/,
    details: /datastoreReady/,
  },
  {
    name: 'the cluster is not set up',
    prepare: (bed) => bed.etcd.del(...Object.keys(clusterInformation())),
    code: 999,
    msg: /^error getting ClusterInformation: resource does not exist: ClusterInformation\(default\)/,
    details: /calico/i,
  },
  {
    name: 'the node is unknown',
    prepare: (bed) => bed.etcd.del(nodeKeyOf('node1')),
    code: 999,
    msg: /^resource does not exist: Node\(node1\)/,
    details: /nodename/,
  },
  {
    name: 'stored data cannot be parsed',
    prepare: (bed) => bed.etcd.put({ [CONFIG]: '{"strict_affinity":' }),
    code: 999,
    msg: /^failed to parse datastore entry key=\/calico\/ipam\/v2\/config; value=\{"strict_affinity":/,
    details: /^correct the stored value, and do not delete it: running containers may depend on it$/,
  },
];

const ADDRESSES: readonly Failure[] = [
  {
    name: 'there is no pool',
    prepare: (bed) => bed.etcd.del(...Object.keys(POOL4)),
    code: 999,
    msg: /^cannot find a qualified ippool$/,
    details: /pool/,
  },
  {
    name: 'no pool selects this node',
    prepare: (bed) => bed.etcd.put(pool('default-ipv4-ippool', '192.168.0.0/16', { nodeSelector: 'rack == "7"' })),
    code: 999,
    msg: /^no configured Calico pools for node node1$/,
    details: /default-ipv4-ippool \(192\.168\.0\.0\/16\).* selects the node's/,
  },
  {
    name: 'all addresses are in use',
    prepare: async (bed) => {
      await bed.etcd.put(SMALL);
      for (let held = 0; held < 4; held++) await bed.add(await bed.container(), { plugin: 'calico-ipam' });
    },
    code: 999,
    msg: /^failed to request IPv4 addresses: Assigned 0 out of 1 requested IPv4 addresses; No IPs available in pools: \[10\.78\.0\.0\/30\]$/,
    details:
      /default-ipv4-ippool \(10\.78\.0\.0\/30, blocks of \/30\): node node1 owns 1 of at most 20 blocks, none with a free address; .*add an IPv4 pool/,
  },
  {
    name: 'all addresses are reserved',
    prepare: (bed) => bed.etcd.put({ ...SMALL, ...reservation('all', '10.78.0.0/24') }),
    code: 999,
    msg: /^failed to request IPv4 addresses/,
    details: /10\.78\.0\.0\/30/,
  },
  {
    name: 'the node has reached its block limit',
    prepare: async (bed) => {
      const config = { strict_affinity: true, auto_allocate_blocks: true, maxBlocksPerHost: 1 };
      await bed.etcd.put({
        ...pool('default-ipv4-ippool', '10.78.0.0/29', { blockSize: 30 }),
        [CONFIG]: JSON.stringify(config),
      });
      for (let held = 0; held < 4; held++) await bed.add(await bed.container(), { plugin: 'calico-ipam' });
    },
    code: 999,
    msg: /^cannot allocate new block due to per host block limit$/,
    details: /limit of 1 blocks? .*raise maxBlocksPerHost/,
  },
  {
    name: 'the requested pool does not exist',
    changes: withConf({ ipam: { type: 'calico-ipam', ipv4_pools: ['nosuch'] } }),
    code: 999,
    msg: /^error parsing pool "nosuch": invalid CIDR address: nosuch$/,
    details: /ipv4_pools|default-ipv4-ippool/,
  },
];

/** Routes that drop packets, how the error describes them, and what may have added them. */
const BLACKHOLES = [
  ['blackhole 192.168.7.7 proto static', 'a blackhole \\(protocol static\\)', 'administrator'],
  ['blackhole 192.168.7.7 proto 80', 'a blackhole \\(protocol 80\\)', 'Felix'],
  ['unreachable 192.168.7.7 proto bird', 'an unreachable route \\(protocol bird\\)', 'BIRD'],
] as const;

const MACHINE: readonly Failure[] = [
  {
    name: 'addresses without IPAM are allowed, which needs a pod',
    changes: withConf({ feature_control: { ip_addrs_no_ipam: true, floating_ips: true } }),
    code: 999,
    msg: /^requested feature is not supported for this runtime: ip_addrs_no_ipam$/,
    details: /feature_control.*Kubernetes pods/,
  },
  {
    name: 'the namespace does not exist',
    changes: { netns: '/var/run/netns/nosuch' },
    code: 999,
    msg: /^failed to Statfs "\/var\/run\/netns\/nosuch": no such file or directory$/,
    details: /CNI_NETNS/,
  },
  {
    name: 'the namespace is a link to itself',
    prepare: (bed) => bed.host.must('sh', ['-c', 'mkdir -p /run/netns; ln -s loop /run/netns/loop']),
    changes: { netns: '/run/netns/loop' },
    code: 999,
    msg: /^failed to Statfs "\/run\/netns\/loop": too many symbolic links encountered$/,
    details: /CNI_NETNS/,
  },
  {
    name: 'calico/node is not running',
    changes: withConf({ nodename_file_optional: false }),
    code: 999,
    msg: /^stat \/var\/lib\/calico\/nodename: no such file or directory: check that the calico\/node container is running/,
    details: /nodename_file_optional/,
  },
  {
    name: 'the required MTU file is missing',
    changes: withConf({ require_mtu_file: true }),
    code: 999,
    msg: /^failed to read MTU file/,
    details: /require_mtu_file/,
  },
  {
    name: 'the program for shaping is missing',
    harm: (bed) => cover(bed, 'tc', ''),
    restore: (bed) => uncover(bed, 'tc'),
    changes: withConf(LIMITED),
    code: 999,
    msg: /^program tc not found$/,
    details: /iproute2/,
  },
  {
    name: "the program for shaping is busybox's",
    prepare: (bed) => bed.host.must('sh', ['-ec', BUSYBOX]),
    changes: { ...withConf(LIMITED), env: { PATH: '/run/calico-test/small:/usr/sbin:/usr/bin:/sbin:/bin' } },
    code: 999,
    msg: /^program tc is busybox's, which lacks the features needed here$/,
    details: /install iproute2/,
  },
  {
    name: 'another interface has the route',
    prepare: (bed) => bed.host.must('ip', ['route', 'add', '192.168.7.7', 'dev', 'uplink']),
    changes: { args: 'IP=192.168.7.7' },
    late: true,
    code: 999,
    msg: /already exists for an interface other than 'calic\w+': route \(Ifindex: \d+, Dst: 192\.168\.7\.7\/32, Scope: link, Iface: uplink\)$/,
    details: /ip route show 192\.168\.7\.7/,
  },
  ...BLACKHOLES.map(
    ([route, words, whose]): Failure => ({
      name: `the host drops packets to the address: ${route}`,
      prepare: (bed) => bed.host.must('ip', ['route', 'add', ...route.split(' ')]),
      changes: { args: 'IP=192.168.7.7' },
      late: true,
      code: 999,
      msg: new RegExp(
        `^error adding host side routes for interface: calic\\w+, error: route \\(.*\\) already exists as ${words}$`,
      ),
      details: new RegExp(
        `a route of .*${whose}.* drops all traffic to .*ip route del ${route.split(' ')[0]} 192\\.168\\.7\\.7/32`,
      ),
    }),
  ),
];

test('floating addresses may be enabled without Kubernetes', async ({ bed }) => {
  await bed.add(await bed.container(), withConf({ feature_control: { floating_ips: true } }));
});

describe.for([
  { about: 'the datastore', failures: DATASTORE },
  { about: 'addresses', failures: ADDRESSES },
  { about: 'the machine', failures: MACHINE },
])('an ADD that fails because of $about', ({ failures }) => {
  test.for(failures)('leaves nothing and says what to do: $name', async (failure, { bed }) => {
    await failure.prepare?.(bed);
    const container = await bed.container();
    const before = await bed.state();
    await failure.harm?.(bed);
    const ran = await bed.call('ADD', container, failure.changes);
    await failure.restore?.(bed);
    const thrown: CniFailure = failureOf(ran);
    expect(thrown).toEqual({
      code: failure.code,
      msg: expect.stringMatching(failure.msg),
      details: expect.stringMatching(failure.details),
    });
    const after = await bed.state();
    if (failure.late === true) expect({ ...after, etcd: leftBy(after) }).toEqual({ ...before, etcd: leftBy(before) });
    else expect(after).toEqual(before);
    await bed.etcd.del(CONFIG);
  });
});

/** All keys except those that outlive every container: a node's affinity and the network's profile. */
function leftBy({ etcd }: State): readonly string[] {
  return Object.keys(etcd).filter((key) => !/\/block\/|\/profiles\//.test(key));
}
