import { beforeEach, expect, test } from 'vitest';
import { addressesOf, silentSuccess } from '../../support/calls/call.ts';
import type { Container } from '../../support/calls/containers.ts';
import { type KubernetesBed, kddConf, kddPod, NETWORK } from '../../support/kubernetes-datastore/bed.ts';
import { inBothGroups } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { endpointNotes, expectNothingHeld } from '../../support/kubernetes-datastore/held.ts';
import type { CalicoObject } from '../../support/kubernetes-datastore/objects.ts';

const NOBODY = { containerID: '', netns: '' };
/** The only block of the pool. */
const CIDR = '10.77.0.0/29';

type Objects = KubernetesBed['objects'];
type Left = (objects: Objects, handleID: string, address: Parameters<Objects['block']>[1]) => readonly CalicoObject[];

/**
 * What a killed process of the original leaves, by where it was killed. `confirmed`, a block and a handle are a
 * complete ADD.
 */
const LEFT: Readonly<Record<string, Left>> = {
  'ADD after POST affinity': ({ affinity }) => [affinity('node1', CIDR, { state: 'pending' })],
  'ADD after POST block': ({ affinity, block }) => [
    affinity('node1', CIDR, { state: 'pending' }),
    block(CIDR, { node: 'node1' }),
  ],
  'ADD after POST handle': ({ affinity, block, handle }, handleID) => [
    affinity('node1', CIDR),
    block(CIDR, { node: 'node1' }),
    handle(handleID, { [CIDR]: 1 }),
  ],
  'ADD after PUT block': ({ affinity, block, handle }, handleID, address) => [
    affinity('node1', CIDR),
    block(CIDR, address),
    handle(handleID, { [CIDR]: 1 }),
  ],
  'DEL after PUT handle deleted': ({ affinity, block, handle }, handleID) => [
    affinity('node1', CIDR),
    block(CIDR, { node: 'node1' }),
    handle(handleID, {}, { deleted: true }),
  ],
  'an address without handle': ({ affinity, block }, _, address) => [affinity('node1', CIDR), block(CIDR, address)],
  'a handle that counts too much': ({ affinity, block, handle }, handleID, address) => [
    affinity('node1', CIDR),
    block(CIDR, address),
    handle(handleID, { [CIDR]: 2 }),
  ],
  'release after PUT affinity pendingDeletion': ({ affinity, block }) => [
    affinity('node1', CIDR, { state: 'pendingDeletion' }),
    block(CIDR, { node: 'node1' }),
  ],
  'release after the block is marked': ({ affinity, block }) => [
    affinity('node1', CIDR, { state: 'pendingDeletion' }),
    block(CIDR, { node: 'node1', spec: { deleted: true } }),
  ],
  'release after the block is gone': ({ affinity }) => [affinity('node1', CIDR, { state: 'pendingDeletion' })],
  'release after the affinity is marked': ({ affinity }) => {
    const marked = affinity('node1', CIDR, { state: 'pendingDeletion' });
    const isText = marked.body.apiVersion.startsWith('crd.');
    return [{ ...marked, body: { ...marked.body, spec: { ...marked.body.spec, deleted: isText ? 'true' : true } } }];
  },
  'an unowned block that is marked': ({ block }) => [block(CIDR, { spec: { deleted: true } })],
  'an own block without affinity': ({ block }) => [block(CIDR, { node: 'node1' })],
};

inBothGroups('what a killed process of the original leaves in %s', (bed, group) => {
  beforeEach(async () => {
    await bed.reset();
    await bed.apply(bed.objects.pool('default-ipv4-ippool-only', CIDR, { blockSize: 29 }));
    await bed.ask(
      'DELETE',
      `/apis/${group}/${group === 'projectcalico.org' ? 'v3' : 'v1'}/ippools/default-ipv4-ippool`,
    );
  });

  async function leave(left: Left): Promise<{ container: Container; name: Awaited<ReturnType<KubernetesBed['pod']>> }> {
    const name = await bed.pod();
    const container = await bed.container();
    const handleID = `${NETWORK}.${container.containerID}`;
    const attributes = {
      node: 'node1',
      pod: name.pod,
      namespace: 'prod',
      timestamp: '2026-11-28 01:21:00 +0000 UTC',
    };
    const address = { node: 'node1', holders: [{ handleID, attributes }] };
    for (const object of left(bed.objects, handleID, address)) await bed.apply(object);
    return { container, name };
  }

  test.each(Object.entries(LEFT))('is removed by DEL of its container: %s', async (_, left) => {
    const { container, name } = await leave(left);
    await bed.del(container, kddPod(name));
    const marked = (await bed.faults(true)).filter((fault) => !/ipam\/v2\/(?:host|assignment)/.test(fault));
    expect(marked.filter((fault) => !fault.startsWith('K5'))).toEqual([]);
    expect(await bed.list('ipamhandles')).toEqual([]);
  });

  test.each(Object.entries(LEFT))('does not block ADD of another pod: %s', async (_, left) => {
    const { container, name } = await leave(left);
    const [other, next] = [await bed.container(), await bed.pod()];
    const [address = ''] = addressesOf(await bed.add(other, kddPod(next)));
    expect(address).toMatch(/^10\.77\.0\./);
    expect((await endpointNotes(bed, next)).podIPs).toBe(`${address}/32`);
    await bed.del(other, kddPod(next));
    await bed.del(container, kddPod(name));
    await expectNothingHeld(bed);
  });

  test.each(Object.entries(LEFT))('is collected by GC: %s', async (_, left) => {
    await leave(left);
    const conf = kddConf({ cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] });
    silentSuccess(await bed.call('GC', NOBODY, { conf, netns: '', env: { CNI_IFNAME: '' } }));
    await expectNothingHeld(bed, true);
  });

  test.each(['ADD after PUT block', 'an address without handle'])(
    'keeps its exact sequence number: %s',
    async (where) => {
      const { container, name } = await leave((objects, handleID, address) =>
        (LEFT[where] as Left)(objects, handleID, address).map((object) =>
          object.plural === 'ipamblocks' ? withNumber(object) : object,
        ),
      );
      await bed.del(container, kddPod(name));
      const [block] = await bed.list('ipamblocks');
      expect(block?.spec['sequenceNumber']).toBe(9007199254740995n);
    },
  );
});

/** 2^53 + 2, which a double can hold, so that adding one gives a number that it cannot. */
const withNumber = (object: CalicoObject): CalicoObject => ({
  ...object,
  body: { ...object.body, spec: { ...object.body.spec, sequenceNumber: 2 ** 53 + 2 } },
});
