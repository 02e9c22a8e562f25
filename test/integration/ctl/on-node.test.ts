import { describe, expect } from 'vitest';
import { type Bed, test } from '../../support/bed/bed.ts';
import { calicoctl, said } from '../../support/calicoctl/calicoctl.ts';
import { addressesOf } from '../../support/calls/call.ts';
import { caliLinks } from '../../support/network/netns.ts';
import { node } from '../../support/stored/cluster.ts';

async function onePod(bed: Bed) {
  await bed.host.must('sh', ['-c', 'printf node1 > /var/lib/calico/nodename']);
  const container = await bed.container();
  const [address = ''] = addressesOf(await bed.add(container));
  const [link = ''] = await caliLinks(bed.host);
  return { container, address, link };
}

describe.concurrent('ipam check on a node', () => {
  test('finds no problem with a running pod, and inspects the kernel only on its own node', async ({ bed }) => {
    await onePod(bed);
    expect(await said(bed, 'ipam check')).toMatch(
      /interfaces and routes of node1\.\n\nCheck complete; found 0 problems/,
    );
    await bed.host.must('ip', ['link', 'add', 'cali99999999999', 'type', 'veth', 'peer', 'name', 'other0']);
    expect(await said(bed, 'ipam check --cluster-only')).toContain('found 0 problems');
    const { exit, stdout } = await calicoctl(bed, 'ipam check');
    expect([exit, stdout]).toEqual([1, expect.stringContaining('cali99999999999: no endpoint of node1 uses it\n')]);
    const other = await calicoctl(bed, 'ipam check --on-node=node2');
    expect(other.stdout.match(/no endpoint of node2 uses it/g)).toHaveLength(2);
  });

  test('detects that the node was renamed under a pod, and does not advise to delete its interface', async ({
    bed,
  }) => {
    const { link } = await onePod(bed);
    await bed.etcd.del('/calico/resources/v3/projectcalico.org/nodes/node1');
    await bed.etcd.put(node('node1b', '10.0.0.1/24'));
    await bed.host.must('sh', ['-c', 'printf node1b > /var/lib/calico/nodename']);
    const { exit, stdout } = await calicoctl(bed, 'ipam check');
    expect([exit, stdout]).toEqual([1, expect.stringContaining(`${link}: endpoint default/node1-cni-c0001`)]);
    expect(stdout).toContain('-eth0: on node node1, which has no Node resource\n');
    expect(stdout).not.toContain('ip link del');
  });

  test('finds an endpoint without its interface', async ({ bed }) => {
    const { link } = await onePod(bed);
    await bed.host.must('ip', ['link', 'del', link]);
    const { exit, stdout } = await calicoctl(bed, 'ipam check');
    expect([exit, stdout]).toEqual([1, expect.stringContaining(`: interface ${link} does not exist\n`)]);
    const repaired = await calicoctl(bed, 'ipam repair --yes');
    expect([repaired.exit, repaired.stdout]).toEqual([1, expect.stringContaining('fixed 0 problems, 1 left')]);
  });

  test('reports that the release of a container deleted without etcd is pending, and finds no problem', async ({
    bed,
  }) => {
    const { container, link } = await onePod(bed);
    await bed.host.must('ip', ['link', 'set', 'lo', 'down']);
    await bed.del(container);
    await bed.host.must('ip', ['link', 'set', 'lo', 'up']);
    const shown = await said(bed, 'ipam check');
    expect(shown).toMatch(/^Note: Endpoints of deleted containers with a pending release in this node's journal: 1\n/m);
    expect(shown).toContain(`${container.containerID}-eth0: interface ${link} does not exist\n`);
    expect(shown).toMatch(/the next ADD, DEL or GC .* completes it/);
    expect(shown).not.toContain('run CNI DEL');
    await bed.add(await bed.container());
    expect(await said(bed, 'ipam check')).not.toContain('waits');
  });

  test("finds a route to an address that is not the endpoint's", async ({ bed }) => {
    const { link } = await onePod(bed);
    await bed.host.must('ip', ['route', 'add', '192.168.77.7', 'dev', link]);
    const { exit, stdout } = await calicoctl(bed, 'ipam check');
    expect([exit, stdout]).toEqual([1, expect.stringContaining(`192.168.77.7: goes to ${link}, whose endpoint`)]);
  });

  test('finds the address that leaked when its endpoint was deleted, and releases only that', async ({ bed }) => {
    const { address } = await onePod(bed);
    const [second = ''] = addressesOf(await bed.add(await bed.container()));
    const keys = Object.keys(await bed.etcd.dump()).filter((key) => key.includes('/workloadendpoints/'));
    const [first = ''] = keys.filter((key) => key.includes('c0001'));
    await bed.etcd.del(first);
    expect(await said(bed, 'ipam check --cluster-only')).toContain('too young to be leaked');
    expect(await said(bed, 'ipam check --cluster-only --grace=1h30m')).toContain('too young to be leaked');
    expect(await calicoctl(bed, 'ipam check --grace=5x')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('--grace must be a duration, e.g. 30s, 5m, 1h30m or 0: 5x'),
    });
    const { exit, stdout } = await calicoctl(bed, 'ipam check --cluster-only --grace=0s');
    expect([exit, stdout]).toEqual([1, expect.stringContaining(`\n  ${address}: handle net1.c0001`)]);
    await said(bed, 'ipam repair --yes --cluster-only --grace=0');
    expect(await said(bed, `ipam show --ip=${address}`)).toBe(`${address} is not assigned\n`);
    expect(await said(bed, `ipam show --ip=${second}`)).toContain('is in use');
  });

  test('finds nothing wrong with a tunnel’s address that calico-ipam has assigned', async ({ bed }) => {
    const { container: pod } = await onePod(bed);
    const container = { ...pod, containerID: 'vxlan-tunnel-addr-node1' };
    const [address] = addressesOf(await bed.add(container, { plugin: 'calico-ipam' }));
    expect(await said(bed, 'ipam check --cluster-only --grace=0')).toContain('found 0 problems');
    expect(await said(bed, 'ipam repair --yes --cluster-only --grace=0')).toBe('Nothing to repair.\n');
    expect(await said(bed, `ipam show --ip=${address}`)).toContain('is in use');
  });

  test('repairs while pods come and go, without taking their addresses', { timeout: 120_000 }, async ({ bed }) => {
    const containers = await Promise.all(Array.from({ length: 12 }, () => bed.container()));
    const [lost, ...others] = containers;
    if (lost === undefined) throw new Error('no container');
    await bed.add(lost);
    const keys = Object.keys(await bed.etcd.dump()).filter((key) => /workloadendpoints|handle/.test(key));
    await bed.etcd.del(...keys);
    const [repaired, ...results] = await Promise.all([
      calicoctl(bed, 'ipam repair --yes --cluster-only --grace=0'),
      ...others.map((container) => bed.add(container)),
    ]);
    expect(repaired.exit, repaired.stdout + repaired.stderr).toBe(0);
    const addresses = results.flatMap(addressesOf);
    expect(new Set(addresses).size).toBe(others.length);
    expect(await said(bed, 'ipam check --cluster-only')).toContain(`with ${others.length} addresses`);
    for (const address of addresses) expect(await said(bed, `ipam show --ip=${address}`)).toContain('is in use');
  });
});
