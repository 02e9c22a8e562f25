import { describe, expect, onTestFinished } from 'vitest';
import { type Bed, type Container, test } from '../../support/bed/bed.ts';
import { addressesOf, failureOf } from '../../support/calls/call.ts';
import { POD } from '../../support/kubernetes/pods.ts';
import { caliLinks, links } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';
import { startRelay } from '../../support/network/relay.ts';
import { conf, POOL6 } from '../../support/stored/cluster.ts';

describe('something of another owner:', () => {
  test('a host veth is not replaced when the first eleven characters of two IDs are equal', async ({ bed }) => {
    const first = { ...(await bed.container()), containerID: 'aaaaaaaaaaaa1' };
    const second = { ...(await bed.container()), containerID: 'aaaaaaaaaaaa2' };
    const [address = ''] = addressesOf(await bed.add(first));
    const before = await bed.state();
    expect(failureOf(await bed.call('ADD', second))).toEqual({
      code: 999,
      msg: 'host interface caliaaaaaaaaaaa belongs to another workload: file exists',
      details: expect.stringMatching(/aaaaaaaaaaaa1 and aaaaaaaaaaaa2 .*same 11 characters.*: delete .*another ID/),
    });
    expect(await bed.state()).toEqual(before);
    expect(await reaches(bed.host, address)).toBe(true);
    await bed.del(second);
    expect(await bed.state()).toEqual(before);
  });

  test.for([
    ['a container', {}],
    ['a pod', POD],
  ] as const)(
    'an interface in the namespace of %s is kept: file exists, and nothing is allocated',
    async ([, changes], { bed }) => {
      const container = await bed.container();
      await foreignEth0(bed, container);
      const before = await bed.state();
      const revision = await bed.etcd.revision();
      expect(failureOf(await bed.call('ADD', container, changes))).toEqual(fileExists(container));
      expect(await bed.state()).toEqual(before);
      expect(await bed.etcd.revision()).toBe(revision);
    },
  );

  test('an interface is also kept when it blocks a repair, and our address stays', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    await bed.host.must('ip', ['link', 'del', (await caliLinks(bed.host))[0] ?? '']);
    await foreignEth0(bed, container);
    const before = await bed.state();
    expect(failureOf(await bed.call('ADD', container))).toEqual(fileExists(container));
    expect(await bed.state()).toEqual(before);
  });

  test('an interface with only our MAC is kept when it blocks a repair', async ({ bed }) => {
    const container = await bed.container();
    const mac = (await bed.add(container)).interfaces?.[1]?.mac ?? '';
    await bed.host.must('ip', ['link', 'del', (await caliLinks(bed.host))[0] ?? '']);
    await foreignEth0(bed, container);
    await bed.host.must('ip', ['-n', container.netns, 'link', 'set', 'eth0', 'address', mac]);
    expect(failureOf(await bed.call('ADD', container))).toEqual(fileExists(container));
  });

  test('a route to the same address on another interface is reported, and ADD leaves nothing', async ({ bed }) => {
    const container = await bed.container();
    await bed.host.must('ip', ['route', 'add', '192.168.7.9', 'dev', 'uplink']);
    const before = await bed.state();
    const failure = failureOf(await bed.call('ADD', container, { args: 'IP=192.168.7.9' }));
    expect(failure.msg).toContain('already exists for an interface other than');
    const after = await bed.state();
    expect(after.host).toEqual(before.host);
    expect(after.pods[container.netns]?.addrs).toEqual([]);
    expect(Object.entries(after.etcd).join()).not.toContain(container.containerID);
  });
});

test('a host route that Felix has made first, once it knew the endpoint, is as good as ours', async ({ bed }) => {
  const container = await bed.container();
  const name = `cali${container.containerID.slice(0, 11)}`;
  // The host end is up while the datastore is asked.
  const stop = await startRelay(bed.host, { listen: 2390, to: 2379, delay: 300 });
  onTestFinished(stop);
  const asFelix = `until ip route add 192.168.7.9 dev ${name} scope link 2>/dev/null; do :; done`;
  const felix = bed.host.must('timeout', ['50', 'sh', '-c', asFelix]);
  const ipam = { type: 'calico-ipam', assign_ipv4: 'true', assign_ipv6: 'true' };
  const changes = { args: 'IP=192.168.7.9', conf: conf({ ipam, etcd_endpoints: 'http://127.0.0.1:2390' }) };
  const addresses = addressesOf(await bed.add(container, changes));
  await felix;
  for (const address of addresses) expect(await reaches(bed.host, address)).toBe(true);
});

describe.concurrent('leftovers:', () => {
  test('a host veth with our name but without an endpoint is replaced', async ({ bed }) => {
    const container = await bed.container();
    const name = `cali${container.containerID.slice(0, 11)}`;
    await bed.host.must('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', 'stale']);
    const [address = ''] = addressesOf(await bed.add(container));
    expect(await reaches(bed.host, address)).toBe(true);
    expect((await links(bed.host)).map((link) => link.ifname)).not.toContain('stale');
  });
});

describe.concurrent("BIRD's blackhole for a block of one address", () => {
  test.for([
    ['4', '192.168.7.9'],
    ['6', 'fd80:24e2:f998:72d6::9'],
  ] as const)('is replaced for the pod that has this IPv%s address', async ([family, address], { bed }) => {
    await bed.etcd.put(POOL6);
    await bed.host.must('ip', [`-${family}`, 'route', 'add', 'blackhole', address, 'proto', 'bird']);
    const ipam = family === '6' ? { type: 'calico-ipam', assign_ipv4: 'false', assign_ipv6: 'true' } : undefined;
    const changes = { args: `IP=${address}`, ...(ipam === undefined ? {} : { conf: conf({ ipam }) }) };
    expect(addressesOf(await bed.add(await bed.container(), changes))).toEqual([address]);
    expect(await reaches(bed.host, address)).toBe(true);
    expect(await bed.host.must('ip', [`-${family}`, 'route', 'show', address])).not.toContain('blackhole');
  });
});

describe("the plugin's own namespace", () => {
  test('is rejected by ADD before anything is allocated', async ({ bed }) => {
    const container = await bed.container();
    const before = await bed.state();
    const revision = await bed.etcd.revision();
    for (const netns of ['/proc/self/ns/net', `/proc/${bed.host.pid}/ns/net`]) {
      expect(failureOf(await bed.call('ADD', container, { netns }))).toMatchObject(OWN_NAMESPACE);
    }
    expect(await bed.state()).toEqual(before);
    expect(await bed.etcd.revision()).toBe(revision);
  });

  test('loses no interface to a DEL, which releases the address and then reports it', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    const changes = { netns: `/proc/${bed.host.pid}/ns/net`, ifname: 'uplink' };
    expect(failureOf(await bed.call('DEL', container, changes))).toMatchObject(OWN_NAMESPACE);
    const names = (await links(bed.host)).map((link) => link.ifname);
    expect(names).toContain('uplink');
    expect(Object.keys(await bed.etcd.dump()).join()).not.toContain('/ipam/v2/handle/');
  });
});

describe('the address of a container whose node was renamed', () => {
  test('goes to no second endpoint, and a DEL under the new name keeps it', async ({ bed }) => {
    const container = await bed.container();
    const [address = ''] = addressesOf(await bed.add(container));
    const before = await bed.etcd.dump();
    const as = (nodename: string) => ({ conf: conf({ nodename }) });
    const nameless = failureOf(await bed.call('ADD', container, as('node9')));
    expect(nameless).toMatchObject({ code: 999, msg: 'resource does not exist: Node(node9) with error: <nil>' });
    const second = failureOf(await bed.call('ADD', container, as('node2')));
    expect(second.msg).toBe(`container ${container.containerID} already has an endpoint on node node1`);
    expect(await bed.etcd.dump()).toEqual(before);
    await bed.del(container, as('node2'));
    expect(await bed.etcd.dump()).toEqual(before);
    expect(addressesOf(await bed.add(container))).toEqual([address]);
  });
});

const OWN_NAMESPACE = { code: 8, msg: "plugin's netns and netns from CNI_NETNS should not be the same" };

const fileExists = ({ netns }: Container) => ({
  code: 999,
  msg: 'file exists',
  details: expect.stringContaining(`eth0 already exists in /var/run/netns/${netns} and was not made by this plugin`),
});

async function foreignEth0(bed: Bed, container: Container): Promise<void> {
  const ip = ['ip', '-n', container.netns, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'foreign'];
  await bed.host.must('sh', ['-ec', ip.join(' ')]);
}
