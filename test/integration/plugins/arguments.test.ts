import { describe, expect } from 'vitest';
import { type CallChanges, test } from '../../support/bed/bed.ts';
import { addressesOf, failureOf } from '../../support/calls/call.ts';
import { witness, witnessed } from '../../support/calls/witness.ts';
import { links } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';
import { type Conf, conf, DUAL, POOL6 } from '../../support/stored/cluster.ts';

const [FROM_ENV, FROM_ARGS, FROM_RUNTIME] = ['192.168.7.7', '192.168.7.8', '192.168.7.9'];
const args = (...ips: readonly string[]): Conf => ({ args: { cni: { ips } } });
const runtime = (runtimeConfig: Conf): Conf => ({ runtimeConfig });

/** Ways to request an address, and which one wins (CNI conventions: capability, then args, then CNI_ARGS). */
const PRECEDENCE: readonly { name: string; changes: CallChanges; address: string }[] = [
  { name: 'IP in CNI_ARGS only', changes: { args: `IP=${FROM_ENV}` }, address: FROM_ENV },
  {
    name: 'args.cni.ips before IP in CNI_ARGS',
    changes: { args: `IP=${FROM_ENV}`, conf: conf(args(`${FROM_ARGS}/24`)) },
    address: FROM_ARGS,
  },
  {
    name: 'the capability ips before both',
    changes: {
      args: `IP=${FROM_ENV}`,
      conf: conf({ ...args(FROM_ARGS), ...runtime({ ips: [`${FROM_RUNTIME}/16`] }) }),
    },
    address: FROM_RUNTIME,
  },
];

describe('a requested address', () => {
  test.for(PRECEDENCE)('by $name is assigned by calico and by calico-ipam', async ({ changes, address }, { bed }) => {
    for (const plugin of ['calico', 'calico-ipam']) {
      const container = await bed.container();
      expect(addressesOf(await bed.add(container, { ...changes, plugin }))).toEqual([address]);
      if (plugin === 'calico') expect(await reaches(bed.host, address)).toBe(true);
      await bed.del(container, { ...changes, plugin });
    }
  });

  test('in both families is given in both', async ({ bed }) => {
    await bed.etcd.put(POOL6);
    const ips = ['192.168.7.7', 'fd80:24e2:f998:72d6::77/64'];
    const result = await bed.add(await bed.container(), { conf: conf({ ipam: DUAL, ...runtime({ ips }) }) });
    expect(addressesOf(result)).toEqual(['192.168.7.7', 'fd80:24e2:f998:72d6::77']);
  });

  test('stays the same when ADD is repeated for the container', async ({ bed }) => {
    const container = await bed.container();
    const changes = { args: `IP=${FROM_ENV}` };
    expect(addressesOf(await bed.add(container, changes))).toEqual([FROM_ENV]);
    expect(addressesOf(await bed.add(container, changes))).toEqual([FROM_ENV]);
    expect(addressesOf(await bed.add(container))).toEqual([FROM_ENV]);
  });

  test('that another container has is rejected, and the failed ADD leaves nothing', async ({ bed }) => {
    await bed.add(await bed.container(), { args: `IP=${FROM_ENV}` });
    const container = await bed.container();
    const before = await bed.state();
    const failure = failureOf(await bed.call('ADD', container, { args: `IP=${FROM_ENV}` }));
    expect(failure.msg).toBe(`resource already exists: ${FROM_ENV} with error: Address already assigned in block`);
    expect(await bed.state()).toEqual(before);
  });
});

const MAC = '02:11:22:33:44:55';

describe('a requested MAC', () => {
  test.for<{ name: string; changes: CallChanges }>([
    { name: 'MAC in CNI_ARGS', changes: { args: `MAC=${MAC.toUpperCase()}` } },
    { name: 'the capability mac', changes: { conf: conf(runtime({ mac: MAC })) } },
    {
      name: 'the capability mac before MAC in CNI_ARGS',
      changes: { args: 'MAC=02:00:00:00:00:01', conf: conf(runtime({ mac: MAC })) },
    },
  ])('by $name is in the interface, the result and the endpoint', async ({ changes }, { bed }) => {
    const container = await bed.container();
    const result = await bed.add(container, changes);
    expect(result.interfaces?.[1]?.mac).toBe(MAC);
    expect((await links(bed.host, container.netns)).find(({ ifname }) => ifname === 'eth0')?.address).toBe(MAC);
    expect(Object.values(await bed.etcd.dump('/calico/resources/')).join()).toContain(`"mac":"${MAC}"`);
    expect(await reaches(bed.host, addressesOf(result)[0] ?? '')).toBe(true);
  });
});

/** An address in each of 130 blocks: etcd changes 128 keys in a transaction. */
const MANY = Array.from({ length: 130 }, (_, at) => `192.168.${at >> 2}.${(at % 4) * 64 + 1}`);
const TOO_MANY = /^130 addresses in 130 blocks are too many for one call$/;
const mesos = (labels: Readonly<Record<string, string>>) => ({
  'org.apache.mesos': {
    network_info: { labels: { labels: Object.entries(labels).map(([key, value]) => ({ key, value })) } },
  },
});

/** Invalid values, and the error for each. */
const REFUSED: readonly { name: string; changes: CallChanges; msg: RegExp }[] = [
  {
    name: 'IP with a length',
    changes: { args: 'IP=10.0.0.5/24' },
    msg: /^ARGS: error parsing value of pair "IP=10\.0\.0\.5\/24": invalid IP address: 10\.0\.0\.5\/24$/,
  },
  { name: 'an invalid MAC', changes: { args: 'MAC=02:11' }, msg: /^ARGS: error parsing value of pair "MAC=02:11"/ },
  { name: 'a pair without =', changes: { args: 'FOO' }, msg: /^ARGS: invalid pair "FOO"$/ },
  {
    name: 'an invalid capability mac',
    changes: { conf: conf(runtime({ mac: 'x' })) },
    msg: /address x: invalid MAC address/,
  },
  {
    name: 'an invalid capability ips',
    changes: { conf: conf(runtime({ ips: ['10.0.0.300'] })) },
    msg: /^invalid IP address: 10\.0\.0\.300$/,
  },
  {
    name: 'a capability ips that is not a list',
    changes: { conf: conf(runtime({ ips: '10.0.0.3' })) },
    msg: /^failed to load netconf: .*ips/,
  },
  { name: 'a capability ips over 130 blocks', changes: { conf: conf(runtime({ ips: MANY })) }, msg: TOO_MANY },
  { name: 'args.cni.ips over 130 blocks', changes: { conf: conf(args(...MANY)) }, msg: TOO_MANY },
  {
    name: 'ips over 130 blocks for calico-ipam alone',
    changes: { plugin: 'calico-ipam', conf: conf(runtime({ ips: MANY })) },
    msg: TOO_MANY,
  },
  {
    name: 'a Mesos label over 63 characters',
    changes: { conf: conf({ args: mesos({ tier: 'x'.repeat(64) }) }) },
    msg: /^error with field Metadata\.Labels \(value\) = 'x{64}' \(must be no more than 63 characters\)$/,
  },
  {
    name: 'a Mesos label that is empty once sanitized',
    changes: { conf: conf({ args: mesos({ '--': 'x' }) }) },
    msg: /^error with field Metadata\.Labels \(label\) = '' \(name part must be non-empty\)$/,
  },
  {
    name: 'an unknown argument without IgnoreUnknown',
    changes: { args: 'FOO=bar;IgnoreUnknown=0' },
    msg: /^ARGS: unknown args \["FOO=bar"\]$/,
  },
];

describe('arguments', () => {
  test.for(REFUSED)('are rejected before any work: $name', async ({ changes, msg }, { bed }) => {
    const container = await bed.container();
    const before = [await bed.state(), await bed.etcd.revision()];
    const failure = failureOf(await bed.call('ADD', container, changes));
    expect(failure).toMatchObject({ code: 999, msg: expect.stringMatching(msg) });
    expect([await bed.state(), await bed.etcd.revision()]).toEqual(before);
  });

  test('that are unknown are ignored: CNI_ARGS, args, runtimeConfig and keys of the configuration', async ({ bed }) => {
    const changes = {
      args: 'FOO=bar;K8S_POD_UID=7;K8S_POD_NAME=alone',
      conf: conf({
        unknown: { deeply: ['nested'] },
        ...runtime({
          dns: { servers: ['10.0.0.53'] },
          aliases: { net1: ['web'] },
          infinibandGUID: 'x',
          cgroupPath: '/x',
        }),
        args: { labels: [{ key: 'app', value: 'web' }], cni: { somethingElse: 1 } },
      }),
    };
    const container = await bed.container();
    expect((await bed.add(container, changes)).ips).toHaveLength(1);
    await bed.del(container, changes);
  });

  test('reach another IPAM plugin unchanged, including portMappings', async ({ bed }) => {
    const configuration = conf({
      ipam: { type: 'witness' },
      ...runtime({ portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }], ips: ['10.1.2.3'] }),
      args: { cni: { ips: ['10.1.2.4'] } },
    });
    const result = '{"cniVersion":"0.3.1","ips":[{"version":"4","address":"10.81.0.9/24"}]}';
    const path = witness(bed.host, `[ "$CNI_COMMAND" != ADD ] || echo '${result}'`);
    const container = await bed.container();
    expect(addressesOf(await bed.add(container, { conf: configuration, path }))).toEqual(['10.81.0.9']);
    expect(witnessed(bed.host, 'ADD')).toEqual(configuration);
    await bed.del(container, { conf: configuration, path });
    expect(witnessed(bed.host, 'DEL')).toEqual(configuration);
  });

  test('of Mesos label the endpoint and name its namespace, and DEL finds it there', async ({ bed }) => {
    const labels = [
      { key: 'projectcalico.org/namespace', value: 'mesos-prod' },
      { key: '/a/b/c', value: 'héllo wörld' },
    ];
    const changes = { conf: conf({ args: { 'org.apache.mesos': { network_info: { labels: { labels } } } } }) };
    const container = await bed.container();
    await bed.add(container, changes);
    const [[key, text] = ['', '']] = Object.entries(
      await bed.etcd.dump('/calico/resources/v3/projectcalico.org/workloadendpoints/'),
    );
    expect(key).toContain('/workloadendpoints/mesos-prod/node1-cni-');
    expect(JSON.parse(text).metadata.labels).toMatchObject({
      'a.b.c': 'h-llo-w-rld',
      'projectcalico.org/namespace': 'mesos-prod',
    });
    await bed.del(container, changes);
    expect(Object.keys(await bed.etcd.dump()).join()).not.toContain('workloadendpoints');
  });
});
