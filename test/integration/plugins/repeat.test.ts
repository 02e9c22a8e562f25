import { describe, expect } from 'vitest';
import { type Bed, type Container, test } from '../../support/bed/bed.ts';
import { addressesOf, failureOf } from '../../support/calls/call.ts';
import { POD } from '../../support/kubernetes/pods.ts';
import { addNetns, caliLinks, links, netnsPath } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';
import { conf, DUAL, POOL6 } from '../../support/stored/cluster.ts';

const RENAME = 'ip link set $veth down; ip link set $veth name renamed; ip link set renamed up';

/** What may break in the kernel between two ADDs. `$veth` and `$pod` are substituted. */
const DAMAGE: readonly { what: string; commands: string }[] = [
  { what: 'nothing', commands: 'true' },
  { what: 'the host veth', commands: 'ip link del $veth' },
  { what: 'the host route', commands: 'ip route flush dev $veth scope link proto boot' },
  { what: 'the default route of the pod', commands: 'ip -n $pod route del default' },
  { what: 'the gateway route of the pod', commands: 'ip -n $pod route flush dev eth0 scope link proto boot' },
  { what: 'the address of the pod', commands: 'ip -n $pod -4 addr flush dev eth0' },
  { what: 'the up state of the pod end', commands: 'ip -n $pod link set eth0 down' },
  { what: 'the up state of the host end', commands: 'ip link set $veth down' },
  { what: 'the name of the host veth', commands: RENAME },
  {
    what: 'the name of the host veth, now used by another link,',
    commands: `${RENAME}; ip link add $veth type veth peer name other`,
  },
];

describe.concurrent('a repeated ADD of a container', () => {
  test.for(DAMAGE)('returns the same address and a working pod when $what is lost', async ({ commands }, { bed }) => {
    const container = await bed.container();
    const first = await bed.add(container);
    const [veth = ''] = await caliLinks(bed.host);
    await damage(bed, container, commands, veth);
    const again = await bed.add(container);
    expect(addressesOf(again)).toEqual(addressesOf(first));
    expect(again.interfaces?.[1]?.mac).toBe((await links(bed.host, container.netns)).find(isEth0)?.address);
    expect(await reaches(bed.host, addressesOf(again)[0] ?? '')).toBe(true);
    expect(await reaches(bed.host, '10.0.0.1', container.netns)).toBe(true);
    expect((await links(bed.host)).map(({ ifname }) => ifname).sort()).toEqual(
      ['lo', 'uplink', 'uplink0', veth].sort(),
    );
  });

  test('with another interface name leaves nothing of a pair whose host veth was renamed', async ({ bed }) => {
    const container = await bed.container();
    const first = addressesOf(await bed.add(container));
    await damage(bed, container, RENAME, (await caliLinks(bed.host))[0] ?? '');
    expect(addressesOf(await bed.add(container, { ifname: 'eth1' }))).toEqual(first);
    expect(await reaches(bed.host, first[0] ?? '')).toBe(true);
    expect((await links(bed.host, container.netns)).map(({ ifname }) => ifname)).toEqual(['lo', 'eth1']);
  });

  test('rebuilds a pod whose host veth was renamed', async ({ bed }) => {
    const container = await bed.container();
    const first = addressesOf(await bed.add(container, POD));
    const [veth = ''] = await caliLinks(bed.host);
    await damage(bed, container, RENAME, veth);
    expect(addressesOf(await bed.add(container, POD))).toEqual(first);
    expect(await reaches(bed.host, first[0] ?? '')).toBe(true);
    expect((await links(bed.host)).map(({ ifname }) => ifname)).not.toContain('renamed');
  });

  test('changes nothing in kernel and etcd when nothing is missing', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    const before = await bed.state();
    const revision = await bed.etcd.revision();
    await bed.add(container);
    expect(await bed.state()).toEqual(before);
    expect(await bed.etcd.revision()).toBe(revision);
  });

  test('keeps both addresses of a pod with both families', async ({ bed }) => {
    await bed.etcd.put(POOL6);
    const changes = { conf: conf({ ipam: DUAL }) };
    const container = await bed.container();
    const first = addressesOf(await bed.add(container, changes));
    expect(first).toHaveLength(2);
    await damage(bed, container, 'ip link del $veth', (await caliLinks(bed.host))[0] ?? '');
    expect(addressesOf(await bed.add(container, changes))).toEqual(first);
    for (const address of first) expect(await reaches(bed.host, address), address).toBe(true);
  });

  test('in a new namespace keeps the address', async ({ bed }) => {
    const container = await bed.container();
    const first = addressesOf(await bed.add(container));
    await addNetns(bed.host, 'elsewhere');
    const moved = await bed.add(container, { netns: netnsPath('elsewhere') });
    expect(addressesOf(moved)).toEqual(first);
    expect((await links(bed.host, 'elsewhere')).some(isEth0)).toBe(true);
    expect((await links(bed.host, container.netns)).some(isEth0)).toBe(false);
    expect(await reaches(bed.host, first[0] ?? '')).toBe(true);
  });

  test('with a namespace that does not exist fails and leaves the pod as it is', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    const before = await bed.state();
    const ran = await bed.call('ADD', container, { netns: netnsPath('nosuch') });
    expect(failureOf(ran).msg).toContain('no such file or directory');
    expect(await bed.state()).toEqual(before);
  });

  test('with another interface name moves the endpoint, and DEL finds it under both names', async ({ bed }) => {
    for (const ifname of ['eth0', 'eth1']) {
      const container = await bed.container();
      const first = addressesOf(await bed.add(container));
      const moved = await bed.add(container, { ifname: 'eth1' });
      expect(addressesOf(moved)).toEqual(first);
      const names = (await links(bed.host, container.netns)).map((link) => link.ifname);
      expect(names).toContain('eth1');
      expect(names).not.toContain('eth0');
      expect(endpoints(await bed.etcd.dump())).toEqual([`node1-cni-${container.containerID}-eth0`]);
      await bed.del(container, { ifname });
      expect(endpoints(await bed.etcd.dump())).toEqual([]);
      expect(await caliLinks(bed.host)).toEqual([]);
    }
  });
});

const isEth0 = (link: { readonly ifname: string }) => link.ifname === 'eth0';

const endpoints = (dump: Readonly<Record<string, string>>) =>
  Object.keys(dump).flatMap((key) => /workloadendpoints\/default\/(.*)/.exec(key)?.slice(1) ?? []);

async function damage(bed: Bed, container: Container, commands: string, veth: string): Promise<void> {
  await bed.host.must('sh', ['-ec', `veth=${veth}; pod=${container.netns}; ${commands}`]);
}
