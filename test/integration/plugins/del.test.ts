import { writeFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { type Bed, type Container, test } from '../../support/bed/bed.ts';
import type { State } from '../../support/bed/state.ts';
import { failureOf } from '../../support/calls/call.ts';
import { caliLinks, deleteNetns, links } from '../../support/network/netns.ts';
import { conf } from '../../support/stored/cluster.ts';

/** Ways in which CNI_NETNS may differ from what ADD got. */
const NAMESPACES: readonly {
  name: string;
  prepare: (bed: Bed, container: Container) => Promise<{ netns?: string }>;
}[] = [
  { name: 'unchanged', prepare: async () => ({}) },
  { name: 'not given', prepare: async () => ({ netns: '' }) },
  {
    name: 'gone',
    prepare: async (bed, container) => {
      await deleteNetns(bed.host, container.netns);
      return {};
    },
  },
  { name: 'a path that does not exist', prepare: async () => ({ netns: '/var/run/netns/nosuch' }) },
  {
    name: 'a link to itself',
    prepare: async (bed) => {
      await bed.host.must('sh', ['-c', 'mkdir -p /run/netns; ln -s loop /run/netns/loop']);
      return { netns: '/run/netns/loop' };
    },
  },
];

describe.concurrent('DEL', () => {
  test.for(NAMESPACES)(
    'releases address, endpoint and interface when the namespace is $name, and can be repeated',
    async (how, { bed }) => {
      const container = await bed.container();
      const before = await bed.state();
      await bed.add(container);
      const changes = await how.prepare(bed, container);
      await bed.del(container, changes);
      const after = await bed.state();
      expectFree(after);
      expect(after.host).toEqual(before.host);
      const revision = await bed.etcd.revision();
      await bed.del(container, changes);
      expect(await bed.state()).toEqual(after);
      expect(await bed.etcd.revision()).toBe(revision);
    },
  );

  test('of a container never added succeeds and changes nothing', async ({ bed }) => {
    const container = await bed.container();
    const before = await bed.state();
    const revision = await bed.etcd.revision();
    await bed.del(container);
    expect(await bed.state()).toEqual(before);
    expect(await bed.etcd.revision()).toBe(revision);
  });

  test('with a path that is not a namespace reports it, but releases the address and the endpoint', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    writeFileSync(bed.host.file('/run/calico-test/plain'), '');
    const failure = failureOf(await bed.call('DEL', container, { netns: '/run/calico-test/plain' }));
    expect(failure.msg).toContain('unknown FS magic on "/run/calico-test/plain"');
    expectFree(await bed.state());
  });

  test('leaves other interfaces of the namespace alone', async ({ bed }) => {
    const container = await bed.container();
    await bed.host.must('ip', [
      '-n',
      container.netns,
      'link',
      'add',
      'dummy-mine',
      'type',
      'veth',
      'peer',
      'name',
      'other',
    ]);
    await bed.add(container);
    await bed.del(container);
    const names = (await links(bed.host, container.netns)).map((link) => link.ifname);
    expect(names.filter((name) => name !== 'lo').sort()).toEqual(['dummy-mine', 'other']);
  });

  test('of one container keeps its neighbour working', async ({ bed }) => {
    const [first, second] = [await bed.container(), await bed.container()];
    await bed.add(first);
    await bed.add(second);
    const before = await bed.state();
    await bed.del(first);
    const after = await bed.state();
    expect(after.pods[second.netns]).toEqual(before.pods[second.netns]);
    expect(await caliLinks(bed.host)).toEqual([`cali${second.containerID.slice(0, 11)}`]);
  });

  test('fails while the datastore is not ready, and succeeds once it is', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    const key = '/calico/resources/v3/projectcalico.org/clusterinformations/default';
    const ready = (await bed.etcd.dump(key))[key] ?? '';
    await bed.etcd.put({ [key]: ready.replace('"datastoreReady":true', '"datastoreReady":false') });
    const failure = failureOf(await bed.call('DEL', container));
    expect(failure).toMatchObject({ code: 999, msg: 'Calico is currently not ready to process requests' });
    await bed.etcd.put({ [key]: ready });
    await bed.del(container);
    expectFree(await bed.state());
  });

  test('releases with the configuration it gets, even if pools and node are gone', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    const gone = Object.keys(await bed.etcd.dump()).filter((key) => /\/(ippools|nodes)\//.test(key));
    await bed.etcd.del(...gone);
    await bed.del(container, { conf: conf({ mtu: 9999, ipam: { type: 'calico-ipam', ipv4_pools: ['nosuch'] } }) });
    expectFree(await bed.state());
  });
});

/** No handle, no endpoint, no allocation, no interface. */
function expectFree(state: State): void {
  const text = Object.entries(state.etcd).flat().join('\n');
  expect(text).not.toContain('/ipam/v2/handle/');
  expect(text).not.toContain('workloadendpoints');
  expect(text).not.toContain('handle_id');
  expect(state.host.links).toEqual([]);
  expect(state.host.routes).toEqual([]);
  for (const pod of Object.values(state.pods))
    expect(pod.addrs.filter((line) => line['ifname'] === 'eth0')).toEqual([]);
}
