import { beforeEach, expect, test } from 'vitest';
import { addressesOf } from '../../support/calls/call.ts';
import { kddPod, NETWORK } from '../../support/kubernetes-datastore/bed.ts';
import { inOneGroup } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { resourcePath } from '../../support/kubernetes-datastore/custom-resources.ts';
import { expectNothingHeld } from '../../support/kubernetes-datastore/held.ts';
import { affinityLabels, affinityName, type CalicoObject } from '../../support/kubernetes-datastore/objects.ts';

const CIDR = '192.168.7.64/26';
const TYPE = 'projectcalico.org/affinity-type';

/** An affinity as old releases wrote it, and as the original’s upgrade leaves one that has no type. */
const OLD: Readonly<Record<string, (affinity: CalicoObject) => CalicoObject>> = {
  'without labels': (affinity) => changed(affinity, {}),
  'without labels and type': (affinity) => changed(affinity, {}, { type: undefined }),
  'with an empty label, without type': (affinity) =>
    changed(affinity, { ...affinityLabels('node1', CIDR), [TYPE]: '' }, { type: undefined }),
};

function changed({ plural, body }: CalicoObject, labels: object, spec: object = {}): CalicoObject {
  return {
    plural,
    body: { ...body, metadata: { name: body.metadata.name, labels }, spec: { ...body.spec, ...spec } },
  };
}

inOneGroup('affinities of old releases', (bed) => {
  beforeEach(async () => {
    await bed.reset();
    await bed.host.must('sh', ['-ec', 'rm -f /var/run/calico/cni/affinities-labelled-*']);
  });

  const stored = async (node = 'node1') => {
    const affinities = await bed.list('blockaffinities');
    return affinities.find(({ metadata }) => metadata.name === affinityName(node, CIDR));
  };

  test.each(Object.entries(OLD))('%s are found and labelled', async (_, old) => {
    await bed.apply(old(bed.objects.affinity('node1', CIDR)));
    await bed.apply(bed.objects.block(CIDR, { node: 'node1' }));
    const name = await bed.pod();
    const container = await bed.container();
    const { result, requests } = await bed.asked(() => bed.add(container, kddPod(name)));
    expect(addressesOf(result)).toEqual(['192.168.7.64']);
    expect(requests.filter(({ code }) => code === 409)).toEqual([]);
    expect(await stored()).toMatchObject({
      metadata: { labels: affinityLabels('node1', CIDR) },
      spec: { state: 'confirmed', type: 'host', node: 'node1', cidr: CIDR },
    });
    const { requests: next } = await bed.asked(() => bed.del(container, kddPod(name)));
    expect(next.filter(({ resource, verb }) => resource === 'blockaffinities' && verb === 'list')).toHaveLength(1);
    await expectNothingHeld(bed);
  });

  test('without labels lead a DEL to an address whose handle is missing', async () => {
    const container = await bed.container();
    const handleID = `${NETWORK}.${container.containerID}`;
    await bed.apply(OLD['without labels']?.(bed.objects.affinity('node1', CIDR)) as CalicoObject);
    await bed.apply(bed.objects.block(CIDR, { node: 'node1', holders: [{ handleID }] }));
    await bed.del(container, kddPod(await bed.pod()));
    await expectNothingHeld(bed);
  });

  test('of other nodes are left alone', async () => {
    await bed.apply(OLD['without labels']?.(bed.objects.affinity('node2', CIDR)) as CalicoObject);
    await bed.apply(bed.objects.block(CIDR, { node: 'node2' }));
    const container = await bed.container();
    await bed.add(container, kddPod(await bed.pod()));
    expect((await stored('node2'))?.metadata.labels).toBeUndefined();
    expect(await bed.ask('GET', resourcePath(bed.group, 'ipamblocks', '192-168-7-64-26'))).toMatchObject({
      body: { spec: { affinity: 'host:node2', sequenceNumber: 1000 } },
    });
  });
});
