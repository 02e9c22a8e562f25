import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, test } from '../../support/bed/bed.ts';
import { addressesOf } from '../../support/calls/call.ts';
import { caliLinks, links, routes } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';
import { BASE, conf, DUAL, POOL6 } from '../../support/stored/cluster.ts';

const V6_ONLY = { ...DUAL, assign_ipv4: 'false' };

const FAMILIES: readonly { name: string; ipam: object; addresses: number }[] = [
  { name: 'IPv4', ipam: { type: 'calico-ipam' }, addresses: 1 },
  { name: 'IPv6', ipam: V6_ONLY, addresses: 1 },
  { name: 'both families', ipam: DUAL, addresses: 2 },
];

describe.concurrent('two pods', () => {
  test.for(FAMILIES)('with $name reach each other and are reachable from the host', async (family, { bed }) => {
    await withIpv6(bed);
    const changes = { conf: conf({ ipam: family.ipam }) };
    const first = await bed.container();
    const second = await bed.container();
    const addresses1 = addressesOf(await bed.add(first, changes));
    const addresses2 = addressesOf(await bed.add(second, changes));
    expect([addresses1.length, addresses2.length]).toEqual([family.addresses, family.addresses]);
    for (const address of addresses2) expect(await reaches(bed.host, address, first.netns), address).toBe(true);
    for (const address of addresses1) expect(await reaches(bed.host, address, second.netns), address).toBe(true);
    for (const address of [...addresses1, ...addresses2]) expect(await reaches(bed.host, address), address).toBe(true);
  });

  test.for(FAMILIES)('with $name leave nothing but the block and its affinity', async (family, { bed }) => {
    await withIpv6(bed);
    const changes = { conf: conf({ ipam: family.ipam }) };
    const containers = [await bed.container(), await bed.container()];
    const before = await bed.state();
    for (const container of containers) await bed.add(container, changes);
    for (const container of containers) await bed.del(container, changes);
    const after = await bed.state();
    expect(after.host).toEqual(before.host);
    for (const pod of Object.values(after.pods)) expect(pod).toMatchObject({ addrs: [], routes: [] });
    const left = Object.keys(after.etcd).filter((key) => !(key in before.etcd));
    expect(left.every((key) => /\/block\/|\/profiles\/net1$/.test(key))).toBe(true);
    expect(left.filter((key) => key.includes('/block/'))).toHaveLength(2 * family.addresses);
  });
});

describe.concurrent('a pod', () => {
  test('may have the longest interface name and one with dots', async ({ bed }) => {
    for (const ifname of ['abcdefghijklmno', 'eth0.100']) {
      const container = await bed.container();
      const result = await bed.add(container, { ifname });
      expect((await links(bed.host, container.netns)).map((link) => link.ifname)).toContain(ifname);
      expect(await reaches(bed.host, addressesOf(result)[0] ?? '')).toBe(true);
      await bed.del(container, { ifname });
    }
    expect(await caliLinks(bed.host)).toEqual([]);
  });

  test("has the same MAC in result and endpoint, and Calico's MAC on the host end", async ({ bed }) => {
    const container = await bed.container();
    const result = await bed.add(container);
    const mac = (await links(bed.host, container.netns)).find((link) => link.ifname === 'eth0')?.address;
    const [hostEnd = ''] = await caliLinks(bed.host);
    expect(result.interfaces?.[1]?.mac).toBe(mac);
    expect(Object.values(await bed.etcd.dump('/calico/resources/')).join()).toContain(`"mac":"${mac}"`);
    expect((await links(bed.host)).find((link) => link.ifname === hostEnd)?.address).toBe('ee:ee:ee:ee:ee:ee');
  });

  test('has host routes as Felix sets them: scope link, proto boot, nothing else', async ({ bed }) => {
    const result = await bed.add(await bed.container());
    const route = (await routes(bed.host)).find(({ dst }) => dst === addressesOf(result)[0]);
    expect(route).toEqual({ dst: addressesOf(result)[0], dev: result.interfaces?.[0]?.name, scope: 'link', flags: [] });
  });

  test('in a second network of the same container keeps its address and gains a profile', async ({ bed }) => {
    const container = await bed.container();
    const first = addressesOf(await bed.add(container));
    const second = addressesOf(await bed.add(container, { conf: conf({ name: 'net2' }) }));
    expect(second).toEqual(first);
    expect(Object.values(await bed.etcd.dump('/calico/resources/')).join()).toContain('"profiles":["net1","net2"]');
  });
});

describe.concurrent('the result', () => {
  const versions: readonly CallChanges[] = ['0.3.1', '0.4.0', '1.0.0', '1.1.0'].map((cniVersion) => ({
    conf: conf({ cniVersion }),
  }));

  test.for(versions)('has the requested version: $conf.cniVersion', async (changes, { bed }) => {
    const result = await bed.add(await bed.container(), changes);
    expect(result).toMatchObject({ cniVersion: (changes.conf as { cniVersion: string }).cniVersion });
    expect(result.ips[0]?.interface).toBe(1);
  });
});

/** The IPv6 pool, and IPv6 forwarding on the host as Felix enables it. */
async function withIpv6(bed: Bed): Promise<void> {
  await bed.etcd.put({ ...BASE, ...POOL6 });
  await bed.host.must('sh', ['-ec', 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding']);
}
