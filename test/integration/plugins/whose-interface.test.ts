import { describe, expect } from 'vitest';
import { type Bed, type CallChanges, type Container, test } from '../../support/bed/bed.ts';
import { cover, uncover } from '../../support/bed/covered-program.ts';
import { addressesOf, silentSuccess } from '../../support/calls/call.ts';
import { POD } from '../../support/kubernetes/pods.ts';
import { caliLinks, links, netnsPath } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';
import { conf } from '../../support/stored/cluster.ts';

const hostEnd = ({ containerID }: Container) => `cali${containerID.slice(0, 11)}`;
const namesIn = async ({ host }: Bed, netns?: string) => (await links(host, netns)).map(({ ifname }) => ifname);

async function deleteEndpoints(bed: Bed): Promise<void> {
  await bed.etcd.del(...Object.keys(await bed.etcd.dump()).filter((key) => key.includes('/workloadendpoints/')));
}

/** Two running containers. The first one's namespace is gone, and its path now leads to the second one's. */
async function reused(bed: Bed): Promise<{ gone: Container; living: Container; address: string }> {
  const [gone, living] = [await bed.container(), await bed.container()];
  await bed.add(gone);
  const [address = ''] = addressesOf(await bed.add(living));
  return { gone, living, address };
}

describe('DEL whose CNI_NETNS now belongs to another container', () => {
  test.for<[string, (bed: Bed) => Promise<unknown>]>([
    ['with both endpoints stored', async () => {}],
    ['with a dead etcd', (bed) => bed.etcd.stop()],
  ])("keeps that container's interface and removes its own: %s", async ([, prepare], { bed }) => {
    const { gone, living, address } = await reused(bed);
    await prepare(bed);
    silentSuccess(await bed.call('DEL', gone, { netns: netnsPath(living.netns) }));
    expect(await reaches(bed.host, address)).toBe(true);
    expect(await caliLinks(bed.host)).toEqual([hostEnd(living)]);
  });

  test("keeps that container's interface when its own endpoint is gone", async ({ bed }) => {
    const { gone, living, address } = await reused(bed);
    await bed.etcd.del(...Object.keys(await bed.etcd.dump()).filter((key) => key.includes(`cni-${gone.containerID}`)));
    await bed.del(gone, { netns: netnsPath(living.netns) });
    expect(await reaches(bed.host, address)).toBe(true);
    expect(await caliLinks(bed.host)).toEqual([hostEnd(living)]);
  });

  test("keeps that container's interface when the container's ID is too short to be unique", async ({ bed }) => {
    const { living, address } = await reused(bed);
    const short = { containerID: 'web', netns: (await bed.container()).netns };
    await bed.add(short);
    await bed.del(short, { netns: netnsPath(living.netns) });
    expect(await reaches(bed.host, address)).toBe(true);
    expect(await caliLinks(bed.host)).not.toContain('caliweb');
  });

  test('keeps the interface of a newer sandbox of the same pod in the same namespace', async ({ bed }) => {
    const [old, fresh] = [await bed.container(), await bed.container()];
    await bed.add(old, POD);
    const changes = { ...POD, netns: netnsPath(old.netns) };
    const [address = ''] = addressesOf(await bed.add(fresh, changes));
    await bed.del(old, changes);
    expect(await reaches(bed.host, address)).toBe(true);
    await bed.del(fresh, changes);
    expect(await namesIn(bed, old.netns)).toEqual(['lo']);
  });

  test.for([
    ['another plugin’s', 'ip link add vethfeed type veth peer name eth0 netns $pod'],
    ['wholly inside the namespace', 'ip -n $pod link add eth0 type veth peer name eth8'],
  ])('keeps an interface that is %s', async ([, commands], { bed }) => {
    const container = await bed.container();
    await bed.host.must('sh', ['-ec', `pod=${container.netns}; ${commands}`]);
    await bed.del(container);
    expect(await namesIn(bed, container.netns)).toContain('eth0');
  });

  test('keeps an interface of the host when CNI_NETNS_OVERRIDE allows that namespace', async ({ bed }) => {
    const netns = `/proc/${bed.host.pid}/ns/net`;
    const env = { CNI_NETNS_OVERRIDE: '1' };
    await bed.del(await bed.container(), { netns, ifname: 'uplink', env });
    expect(await namesIn(bed)).toContain('uplink');
  });
});

describe('DEL removes its own interface', () => {
  test.for<[string, CallChanges, (bed: Bed, container: Container) => Promise<unknown>]>([
    ['without an endpoint', {}, deleteEndpoints],
    ['of a pod', POD, async () => {}],
    ['of a pod without an endpoint', POD, deleteEndpoints],
    ['of a pod with a dead etcd', POD, (bed) => bed.etcd.stop()],
    [
      'whose host end was renamed',
      {},
      async (bed, container) => {
        await bed.host.must('ip', ['link', 'set', hostEnd(container), 'down']);
        await bed.host.must('ip', ['link', 'set', hostEnd(container), 'name', 'renamed']);
      },
    ],
    [
      'whose MAC was changed',
      POD,
      (bed, { netns }) => bed.host.must('ip', ['-n', netns, 'link', 'set', 'eth0', 'address', '02:00:00:00:00:99']),
    ],
  ])('%s', async ([, changes, prepare], { bed }) => {
    const container = await bed.container();
    await bed.add(container, changes);
    await prepare(bed, container);
    silentSuccess(await bed.call('DEL', container, changes));
    expect(await namesIn(bed, container.netns)).toEqual(['lo']);
    expect((await namesIn(bed)).filter((name) => !['lo', 'uplink', 'uplink0'].includes(name))).toEqual([]);
  });
});

test('a DEL asks the kernel itself, and runs no program ip', { timeout: 60_000 }, async ({ bed }) => {
  const limits = { egressRate: 10_000_000, egressBurst: 80_000 };
  const shaped = { conf: conf({ cniVersion: '1.0.0', runtimeConfig: { bandwidth: limits } }) };
  const [withNetns, withoutNetns] = [await bed.container(), await bed.container()];
  for (const container of [withNetns, withoutNetns]) await bed.add(container, shaped);
  await cover(bed, 'ip', '#!/bin/sh\ntouch /run/ip-was-run\n');
  const ends = [
    await bed.call('DEL', withNetns, shaped),
    await bed.call('DEL', withoutNetns, { ...shaped, netns: '' }),
  ];
  const marks = await bed.host.run('ls', ['/run/ip-was-run']);
  await uncover(bed, 'ip');
  for (const ran of ends) silentSuccess(ran);
  expect((await namesIn(bed)).filter((name) => /^(cali|bwc)/.test(name))).toEqual([]);
  expect(await namesIn(bed, withNetns.netns)).toEqual(['lo']);
  expect(marks.exit).not.toBe(0);
});
