import { describe, expect } from 'vitest';
import { type Bed, type Container, test } from '../../support/bed/bed.ts';
import { addressesOf, failureOf, silentSuccess } from '../../support/calls/call.ts';
import { caliLinks } from '../../support/network/netns.ts';
import { reaches } from '../../support/network/reach.ts';
import { type Conf, conf } from '../../support/stored/cluster.ts';

const V11 = conf({ cniVersion: '1.1.0' });

describe.concurrent('STATUS', () => {
  test('succeeds silently if ADD would work', async ({ bed }) => {
    silentSuccess(await bed.call('STATUS', NOBODY, { conf: V11 }));
    silentSuccess(await bed.call('STATUS', NOBODY, { conf: V11, plugin: 'calico-ipam' }));
  });

  test.for<[string, (bed: Bed) => Promise<unknown>]>([
    ['without a store', (bed) => bed.etcd.stop()],
    ['without the node', (bed) => bed.etcd.del('/calico/resources/v3/projectcalico.org/nodes/node1')],
    ['without a pool', (bed) => bed.etcd.del('/calico/resources/v3/projectcalico.org/ippools/default-ipv4-ippool')],
  ])('fails as not available %s', async ([, spoil], { bed }) => {
    await spoil(bed);
    const { code } = failureOf(await bed.call('STATUS', NOBODY, { conf: V11 }));
    expect([50, 51]).toContain(code);
  });
});

describe.concurrent('GC', () => {
  test('releases what the runtime no longer lists and keeps what it lists', async ({ bed }) => {
    const [lost, kept] = [await bed.container(), await bed.container()];
    await bed.add(lost, { conf: V11 });
    const [address = ''] = addressesOf(await bed.add(kept, { conf: V11 }));
    await gc(bed, [kept]);
    expect(await caliLinks(bed.host)).toEqual([`cali${kept.containerID.slice(0, 11)}`]);
    expect(await reaches(bed.host, address)).toBe(true);
    expect(Object.entries(await bed.etcd.dump()).join()).not.toContain(lost.containerID);
    await bed.del(kept, { conf: V11 });
    expect(Object.keys(await bed.etcd.dump()).join()).not.toContain('/ipam/v2/handle/');
  });

  test('leaves containers of other networks and nodes alone', async ({ bed }) => {
    const here = await bed.container();
    const there = await bed.container();
    await bed.add(here, { conf: conf({ cniVersion: '1.1.0', name: 'net2' }) });
    await bed.add(there, { conf: conf({ cniVersion: '1.1.0', nodename: 'node2' }) });
    const before = await bed.state();
    await gc(bed, []);
    expect(await bed.state()).toEqual(before);
  });
});

const NOBODY: Container = { containerID: '', netns: '' };

async function gc(bed: Bed, valid: readonly Container[]): Promise<void> {
  const attachments = valid.map(({ containerID }) => ({ containerID, ifname: 'eth0' }));
  const listed: Conf = { ...V11, 'cni.dev/valid-attachments': attachments };
  silentSuccess(await bed.call('GC', NOBODY, { conf: listed, netns: '', env: { CNI_IFNAME: '' } }));
}
