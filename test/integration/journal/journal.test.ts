import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, type Container, test } from '../../support/bed/bed.ts';
import { failureOf } from '../../support/calls/call.ts';
import { caliLinks } from '../../support/network/netns.ts';
import { CLUSTER_GUID } from '../../support/stored/cluster.ts';
import { cutOff, deadDel, entries, FOLDER, HOST_LOCAL, handles, mode, read } from './journal-files.ts';

const IPAM: CallChanges = { plugin: 'calico-ipam' };

describe.concurrent('a DEL while etcd is unreachable', () => {
  test('cleans up the kernel, succeeds, and journals the release, readable by root only', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    const before = await bed.etcd.dump();
    await deadDel(bed, container);
    expect(await caliLinks(bed.host)).toEqual([]);
    expect(await bed.etcd.dump()).toEqual(before);
    const [name = ''] = entries(bed);
    expect(entries(bed)).toEqual([expect.stringContaining(container.containerID)]);
    expect(mode(bed, FOLDER)).toBe('700');
    expect(mode(bed, `${FOLDER}/${name}`)).toBe('600');
    expect(JSON.parse(read(bed, name))).toMatchObject({
      network: 'net1',
      containerID: container.containerID,
      node: 'node1',
      cluster: CLUSTER_GUID,
    });
    expect(read(bed, name)).not.toContain('2379');
  });

  test.for([
    { name: 'the next ADD', next: (bed: Bed, _: Container, other: Container) => bed.add(other) },
    { name: 'an ADD of the same container', next: (bed: Bed, same: Container) => bed.add(same) },
  ])('is drained by $name, before it allocates', async ({ next }, { bed }) => {
    const [container, other] = [await bed.container(), await bed.container()];
    await bed.add(container);
    await deadDel(bed, container);
    const mac = JSON.stringify(await bed.etcd.dump('/calico/resources/')).match(/mac\\":\\"([0-9a-f:]+)/)?.[1];
    await next(bed, container, other);
    expect(entries(bed)).toEqual([]);
    const stored = Object.entries(await bed.etcd.dump()).join();
    expect(stored).not.toContain(mac);
    expect(Object.keys(await bed.etcd.dump('/calico/ipam/v2/handle/'))).toHaveLength(1);
  });

  test('of calico-ipam is drained by its next ADD', async ({ bed }) => {
    const [container, other] = [await bed.container(), await bed.container()];
    await bed.add(container, IPAM);
    await deadDel(bed, container, IPAM);
    expect(entries(bed)).toHaveLength(1);
    await bed.add(other, IPAM);
    expect(entries(bed)).toEqual([]);
    expect(await handles(bed)).toEqual([other.containerID]);
  });

  test('releases the address even if the next ADD uses another IPAM plugin', async ({ bed }) => {
    const [container, other] = [await bed.container(), await bed.container()];
    await bed.add(container);
    await deadDel(bed, container);
    await bed.add(other, HOST_LOCAL);
    expect(entries(bed)).toEqual([]);
    expect(await handles(bed)).toEqual([]);
    await deadDel(bed, other, HOST_LOCAL);
    await bed.add(container);
    expect(entries(bed)).toEqual([]);
    expect(Object.keys(await bed.etcd.dump()).join()).not.toContain(other.containerID);
  });

  test("is journaled whatever a container's ID looks like", async ({ bed }) => {
    const [made, other] = [await bed.container(), await bed.container()];
    const container = { ...made, containerID: 'c0.new.1-2.json.3-4_a.new' };
    await bed.add(container, IPAM);
    await deadDel(bed, container, IPAM);
    await deadDel(bed, other, IPAM);
    expect(entries(bed)).toHaveLength(2);
    await bed.add(other, IPAM);
    expect(entries(bed)).toEqual([]);
    expect(await handles(bed)).toEqual([other.containerID]);
  });

  test('may be repeated and followed by a DEL that reaches etcd', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    await deadDel(bed, container);
    await deadDel(bed, container);
    await bed.del(container);
    expect(await handles(bed)).toEqual([]);
    await bed.add(await bed.container());
    expect(entries(bed)).toEqual([]);
  });

  test('fails with 11 when it cannot write the journal, and reports both errors', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    await bed.host.must('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', '/var/lib/calico']);
    const ran = await cutOff(bed, () => bed.call('DEL', container));
    const failure = failureOf(ran);
    expect(failure).toMatchObject({ code: 11, msg: expect.stringContaining('http://127.0.0.1:2379') });
    expect(failure.details).toMatch(/writing the release to the journal failed as well: .*read-only/i);
    expect(await caliLinks(bed.host)).toEqual([]);
  });

  test('reports an error and journals nothing if the datastore answers that it is not ready', async ({ bed }) => {
    const container = await bed.container();
    await bed.add(container);
    const key = '/calico/resources/v3/projectcalico.org/clusterinformations/default';
    const ready = (await bed.etcd.dump(key))[key] ?? '';
    await bed.etcd.put({ [key]: ready.replace('"datastoreReady":true', '"datastoreReady":false') });
    expect(failureOf(await bed.call('DEL', container)).code).toBe(999);
    expect(entries(bed)).toEqual([]);
  });
});
