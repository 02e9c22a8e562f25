import { beforeEach, expect, test } from 'vitest';
import { addressesOf, silentSuccess } from '../../support/calls/call.ts';
import { kddConf, kddPod, NETWORK } from '../../support/kubernetes-datastore/bed.ts';
import { inBothGroups } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { endpointNotes, expectNothingHeld, heldOn } from '../../support/kubernetes-datastore/held.ts';
import { affinityLabels, affinityName, blockName } from '../../support/kubernetes-datastore/objects.ts';
import { reaches } from '../../support/network/reach.ts';

const NOBODY = { containerID: '', netns: '' };

inBothGroups('pods of a cluster with %s', (bed, group) => {
  beforeEach(() => bed.reset());

  test('get an address, recorded in their annotations, a block, its affinity and a handle', async () => {
    const name = await bed.pod();
    const container = await bed.container();
    const result = await bed.add(container, kddPod(name));
    const [address = ''] = addressesOf(result);
    expect(await reaches(bed.host, address)).toBe(true);
    expect(await endpointNotes(bed, name)).toEqual({
      containerID: container.containerID,
      podIP: `${address}/32`,
      podIPs: `${address}/32`,
    });
    const [block] = await bed.list('ipamblocks');
    const cidr = String(block?.spec['cidr']);
    const handleID = `${NETWORK}.${container.containerID}`;
    const attributes = { handle_id: handleID, secondary: { node: 'node1', pod: name.pod, namespace: 'prod' } };
    expect(block).toMatchObject({
      metadata: { name: blockName(cidr) },
      spec: { affinity: 'host:node1', attributes: [attributes], deleted: false, strictAffinity: false },
    });
    expect(block?.spec['affinityClaimTime']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const [affinity] = await bed.list('blockaffinities');
    const deleted = group === 'projectcalico.org' ? false : 'false';
    expect(affinity).toMatchObject({
      metadata: { name: affinityName('node1', cidr), labels: affinityLabels('node1', cidr) },
      spec: { cidr, node: 'node1', type: 'host', state: 'confirmed', deleted },
    });
    const [handle] = await bed.list('ipamhandles');
    expect(handle).toMatchObject({ metadata: { name: handleID }, spec: { handleID, block: { [cidr]: 1 } } });
    expect(await bed.faults()).toEqual([]);
    silentSuccess(await bed.call('CHECK', container, kddPod(name, { prevResult: result })));
    await bed.del(container, kddPod(name));
    expect(await endpointNotes(bed, name)).toEqual({ containerID: container.containerID, podIP: '', podIPs: '' });
    await expectNothingHeld(bed);
    expect(await bed.list('blockaffinities')).toHaveLength(1);
  });

  test('have the annotation that the original reads on its own kinds, or none', async () => {
    const name = await bed.pod();
    const container = await bed.container();
    await bed.add(container, kddPod(name));
    const [affinity] = await bed.list('blockaffinities');
    const labels = affinityLabels('node1', String(affinity?.spec['cidr']));
    const notes = async (plural: string) => (await bed.list(plural))[0]?.metadata.annotations;
    const read = async (plural: string) => JSON.parse((await notes(plural))?.['projectcalico.org/metadata'] ?? 'null');
    const v3 = group === 'projectcalico.org';
    expect(await read('blockaffinities')).toEqual(v3 ? null : { labels });
    expect(await read('ipamblocks')).toEqual(v3 ? null : {});
    expect(await read('ipamhandles')).toEqual(v3 ? null : {});
    await bed.del(container, kddPod(name));
  });

  test('are added by single writes, each of which leaves a state that a later call can repair', async () => {
    const [name, next] = [await bed.pod(), await bed.pod()];
    const [container, other] = [await bed.container(), await bed.container()];
    const work = async () => {
      await bed.add(container, kddPod(name));
      await bed.add(other, kddPod(next));
      await bed.add(other, kddPod(next));
      await bed.del(container, kddPod(name));
      await bed.del(container, kddPod(name));
      await bed.del(other, kddPod(next));
    };
    expect(await bed.faultsDuring(work)).toEqual([]);
    await expectNothingHeld(bed);
  });

  test('keep address, MAC and routes when they are added again, and release everything', async () => {
    const name = await bed.pod();
    const container = await bed.container();
    const first = await bed.add(container, kddPod(name));
    const again = await bed.add(container, kddPod(name));
    expect(first.routes).toHaveLength(1);
    expect(again).toEqual(first);
    const [address = ''] = addressesOf(again);
    expect(await reaches(bed.host, address)).toBe(true);
    expect((await endpointNotes(bed, name)).podIPs).toBe(`${address}/32`);
    expect(await bed.faults()).toEqual([]);
    await bed.del(container, kddPod(name));
    await expectNothingHeld(bed);
  });

  test('keep the annotations of their newest sandbox when an old one is deleted', async () => {
    const name = await bed.pod();
    const [old, fresh] = [await bed.container(), await bed.container()];
    await bed.add(old, kddPod(name));
    const [address = ''] = addressesOf(await bed.add(fresh, kddPod(name)));
    await bed.del(old, kddPod(name));
    const notes = { containerID: fresh.containerID, podIP: `${address}/32`, podIPs: `${address}/32` };
    expect(await endpointNotes(bed, name)).toEqual(notes);
    expect(await reaches(bed.host, address)).toBe(true);
    expect((await heldOn(bed)).handles).toEqual([`${NETWORK}.${fresh.containerID}`]);
    await bed.del(fresh, kddPod(name));
    await expectNothingHeld(bed);
  });

  test('are found by a DEL with another interface name', async () => {
    const name = await bed.pod();
    const container = await bed.container();
    const eth1 = { ...kddPod(name), ifname: 'eth1' };
    await bed.add(container, eth1);
    expect((await endpointNotes(bed, name)).podIPs).toMatch(/^192\.168\./);
    await bed.del(container, eth1);
    expect(await endpointNotes(bed, name)).toMatchObject({ podIP: '', podIPs: '' });
    await expectNothingHeld(bed);
  });

  test('that are gone, or whose name now belongs to another pod, can be deleted', async () => {
    const name = await bed.pod();
    const [container, other] = [await bed.container(), await bed.container()];
    await bed.add(container, kddPod(name));
    const gone = `/api/v1/namespaces/prod/pods/${name.pod}`;
    await bed.ask('DELETE', `${gone}?gracePeriodSeconds=0`);
    await bed.del(container, kddPod(name));
    await expectNothingHeld(bed);
    const again = await bed.pod();
    await bed.add(other, kddPod(again));
    await bed.ask('DELETE', `/api/v1/namespaces/prod/pods/${again.pod}?gracePeriodSeconds=0`);
    await bed.kubernetes.create('/api/v1/namespaces/prod/pods', {
      metadata: {
        name: again.pod,
        annotations: { 'cni.projectcalico.org/podIPs': '10.1.2.3/32', 'cni.projectcalico.org/containerID': 'beef' },
      },
      spec: { nodeName: 'node1', containers: [{ name: 'main', image: 'none' }] },
    });
    await bed.del(other, kddPod(again));
    expect((await endpointNotes(bed, again)).podIPs).toBe('10.1.2.3/32');
  });

  test('are deleted by GC when the runtime no longer lists them', async () => {
    const [kept, lost] = [await bed.pod(), await bed.pod()];
    const [keptContainer, lostContainer] = [await bed.container(), await bed.container()];
    await bed.add(keptContainer, kddPod(kept));
    await bed.add(lostContainer, kddPod(lost));
    const valid = [{ containerID: keptContainer.containerID, ifname: 'eth0' }];
    const conf = kddConf({ cniVersion: '1.1.0', 'cni.dev/valid-attachments': valid });
    silentSuccess(await bed.call('GC', NOBODY, { conf, netns: '', env: { CNI_IFNAME: '' } }));
    const { handles, links } = await heldOn(bed);
    expect({ handles, links: links.length }).toEqual({
      handles: [`${NETWORK}.${keptContainer.containerID}`],
      links: 1,
    });
    expect(await bed.faults()).toEqual([]);
    await bed.del(keptContainer, kddPod(kept));
    await expectNothingHeld(bed);
  });

  test('can be added according to STATUS', async () => {
    for (const plugin of ['calico', 'calico-ipam']) {
      silentSuccess(await bed.call('STATUS', NOBODY, { plugin, conf: kddConf({ cniVersion: '1.1.0' }), netns: '' }));
    }
    expect(await bed.list('ipamblocks')).toEqual([]);
  });

  test('or other containers get addresses from calico-ipam alone', async () => {
    const container = await bed.container();
    const alone = { plugin: 'calico-ipam', conf: kddConf({ policy: undefined }) };
    const [address = ''] = addressesOf(await bed.add(container, alone));
    expect((await heldOn(bed)).addresses).toEqual([address]);
    await bed.del(container, alone);
    await bed.del(container, alone);
    await expectNothingHeld(bed);
  });
});
