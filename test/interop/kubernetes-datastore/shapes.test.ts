import { beforeEach, expect, test } from 'vitest';
import { parseJson } from '../../../shared/calico/json.ts';
import { addressesOf } from '../../support/calls/call.ts';
import { kddPod, NETWORK } from '../../support/kubernetes-datastore/bed.ts';
import { inBothGroups } from '../../support/kubernetes-datastore/cluster-of-tests.ts';
import { configPlural, resourcePath } from '../../support/kubernetes-datastore/custom-resources.ts';
import { affinityLabels, affinityName, blockName } from '../../support/kubernetes-datastore/objects.ts';

type Json = Readonly<Record<string, unknown>>;

const CIDR = '192.168.89.128/26';
const NOTE = 'projectcalico.org/metadata';
/** As Go prints a time: at most nine digits, without zeros at the end. */
const TIMESTAMP = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{0,8}[1-9])? \+0000 UTC$/;
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

/** Every field of the objects that the original and its collector read: nothing is missing, and nothing is there besides. */
inBothGroups('what is written to %s', (bed, group) => {
  const isV1 = group === 'crd.projectcalico.org';
  beforeEach(() => bed.reset());

  /** As the server has it, integers exact. */
  const stored = async (plural: string, name: string): Promise<Json> =>
    parseJson('', (await bed.ask('GET', resourcePath(group, plural, name))).text) as Json;
  const specOf = async (plural: string, name: string) => (await stored(plural, name))['spec'] as Json;
  const metadataOf = async (plural: string, name: string) => {
    const { labels, annotations, finalizers, ownerReferences } = (await stored(plural, name))['metadata'] as Json;
    return { labels, annotations, finalizers, ownerReferences };
  };
  const marked = (model: object) => (isV1 ? { [NOTE]: JSON.stringify(model) } : undefined);

  async function started() {
    const name = await bed.pod();
    const container = await bed.container();
    const [address = ''] = addressesOf(await bed.add(container, kddPod(name)));
    return { name, container, address, handleID: `${NETWORK}.${container.containerID}` };
  }
  type Started = Awaited<ReturnType<typeof started>>;
  const attributes = ({ name, handleID }: Started) => ({
    handle_id: handleID,
    secondary: {
      namespace: 'prod',
      node: 'node1',
      pod: name.pod,
      timestamp: expect.stringMatching(TIMESTAMP),
    },
  });

  test('of a block has each field of the original, with exact sequence numbers', async () => {
    const first = await started();
    const made = await specOf('ipamblocks', blockName(CIDR));
    const number = made['sequenceNumber'] as bigint;
    expect(number).toBeGreaterThan(2n ** 53n);
    const common = {
      cidr: CIDR,
      affinity: 'host:node1',
      affinityClaimTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      deleted: false,
      strictAffinity: false,
    };
    expect(made).toEqual({
      ...common,
      allocations: [0, ...numbers(1, 64).map(() => null)],
      unallocated: numbers(1, 64),
      attributes: [attributes(first)],
      sequenceNumber: number,
      sequenceNumberForAllocation: { 0: number - 1n },
    });
    const second = await started();
    await bed.del(first.container, kddPod(first.name));
    expect(await specOf('ipamblocks', blockName(CIDR))).toEqual({
      ...common,
      affinityClaimTime: made['affinityClaimTime'],
      allocations: [null, 0, ...numbers(2, 64).map(() => null)],
      unallocated: [...numbers(2, 64), 0],
      attributes: [attributes(second)],
      sequenceNumber: number + 2n,
      sequenceNumberForAllocation: { 1: number },
    });
    await bed.del(second.container, kddPod(second.name));
    expect(await specOf('ipamblocks', blockName(CIDR))).toMatchObject({
      attributes: [],
      sequenceNumber: number + 3n,
      sequenceNumberForAllocation: {},
    });
    expect(await metadataOf('ipamblocks', blockName(CIDR))).toEqual({ annotations: marked({}) });
  });

  test('of an affinity and a handle has each field of the original', async () => {
    const { name, container, handleID } = await started();
    const labels = affinityLabels('node1', CIDR);
    expect(await specOf('blockaffinities', affinityName('node1', CIDR))).toEqual({
      state: 'confirmed',
      node: 'node1',
      type: 'host',
      cidr: CIDR,
      deleted: isV1 ? 'false' : false,
    });
    const annotations = marked({ labels });
    expect(await metadataOf('blockaffinities', affinityName('node1', CIDR))).toEqual({ labels, annotations });
    expect(await specOf('ipamhandles', handleID)).toEqual({ handleID, block: { [CIDR]: 1 }, deleted: false });
    expect(await metadataOf('ipamhandles', handleID)).toEqual({ annotations: marked({}) });
    await bed.del(container, kddPod(name));
    expect(await stored('ipamhandles', handleID)).toMatchObject({ code: 404 });
  });

  test('of a pod is three annotations, and of all else nothing', async () => {
    const name = await bed.pod({ annotations: { mine: 'x' }, labels: { app: 'web' } });
    const before = (await bed.podObject(name))?.metadata as Json | undefined;
    const container = await bed.container();
    const [address] = addressesOf(await bed.add(container, kddPod(name)));
    const after = (await bed.podObject(name))?.metadata as Json | undefined;
    const without = ({ resourceVersion: _, managedFields: __, annotations: ___, ...rest }: Json) => rest;
    expect(without(after ?? {})).toEqual(without(before ?? {}));
    expect(after?.['annotations']).toEqual({
      mine: 'x',
      'cni.projectcalico.org/containerID': container.containerID,
      'cni.projectcalico.org/podIP': `${address}/32`,
      'cni.projectcalico.org/podIPs': `${address}/32`,
    });
    expect(await bed.list(configPlural(group))).toEqual([]);
    await bed.del(container, kddPod(name));
  });
});
