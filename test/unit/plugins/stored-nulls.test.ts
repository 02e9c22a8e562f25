import { describe, expect, test } from 'vitest';
import { type AddRequest, addPlan } from '../../../plugins/decide/add-decision.ts';
import { delPlan } from '../../../plugins/decide/del-decision.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { type FakeStore, fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { violations } from '../../support/invariants/invariants.ts';
import { at, block, handle, node, pool } from '../../support/stored/ipam-world.ts';
import { adding, identity } from './adding.ts';

const RESOURCES = '/calico/resources/v3/projectcalico.org';
const READY = { [`${RESOURCES}/clusterinformations/default`]: '{"spec":{"datastoreReady":true}}' };
const CLUSTER = { ...READY, ...pool('one', { cidr: '10.71.0.0/30', blockSize: 30 }), ...node('node1') };

const endpointKey = (id: string) => `${RESOURCES}/workloadendpoints/default/node1-cni-${id}-eth0`;

const add = (model: FakeStore, asked: AddRequest) => carryOut(model, () => addPlan(asked));
const del = (model: FakeStore, id: string) =>
  carryOut(model, () =>
    delPlan({ identity: identity(id), ipam: { handleIDs: [`net1.${id}`], node: 'node1', now: at(1) } }),
  );

const change = (model: FakeStore, key: string, by: (value: Record<string, unknown>) => unknown) =>
  model.put(key, JSON.stringify(by(JSON.parse(model.get(key)?.value ?? '') as Record<string, unknown>)));

/** Two containers, with null wherever older Calico versions and other writers store it. */
async function riddled(): Promise<FakeStore> {
  const model = fakeStore(CLUSTER);
  for (const id of ['c1', 'c2']) await add(model, adding(identity(id)));
  change(model, block('10.71.0.0/30'), (value) => {
    const [first, ...others] = value['attributes'] as readonly object[];
    const attributes = [
      { ...first, alternateOwnerAttrs: null, releasedAt: null, secondary: { node: 'node1', pod: null } },
      ...others,
    ];
    return { ...value, attributes, affinity_claim_time: null, deleted: null, hostAffinity: null };
  });
  change(model, handle('net1.c1'), (value) => ({ ...value, deleted: null }));
  change(model, `${RESOURCES}/nodes/node1`, (value) => ({ ...value, metadata: null, spec: null, status: null }));
  change(model, `${RESOURCES}/ippools/one`, (value) => ({
    ...value,
    status: null,
    spec: { ...(value['spec'] as object), disabled: null, nodeSelector: null, allowedUses: null },
  }));
  change(model, endpointKey('c1'), (value) => {
    const spec = { ...(value['spec'] as object), ports: null, ipNATs: null, profiles: null };
    return { ...value, metadata: { ...(value['metadata'] as object), labels: null, annotations: null }, spec };
  });
  return model;
}

describe('with many nulls in stored values', () => {
  test('a new container gets an address, a deleted one’s is released, another one’s stays', async () => {
    const model = await riddled();
    const { endpoint } = await add(model, adding(identity('c3')));
    expect(endpoint.spec.ipNetworks).toHaveLength(1);
    expect((await del(model, 'c1')).released).toHaveLength(1);
    expect(model.get(endpointKey('c1'))).toBeUndefined();
    expect(model.get(handle('net1.c2'))).toBeDefined();
    expect(violations(model.dump(), { except: [13] })).toEqual([]);
  });

  test('a repeated ADD keeps the address and writes the endpoint again', async () => {
    const model = await riddled();
    const before = JSON.parse(model.get(endpointKey('c1'))?.value ?? '') as { spec: { ipNetworks: unknown } };
    const { endpoint, isNew } = await add(model, adding(identity('c1')));
    expect([isNew, endpoint.spec.ipNetworks, endpoint.spec.profiles]).toEqual([
      false,
      before.spec.ipNetworks,
      ['net1'],
    ]);
    const { spec } = JSON.parse(model.get(endpointKey('c1'))?.value ?? '') as { spec: object };
    expect(Object.values(spec)).not.toContain(null);
  });
});

describe('labels that Calico refuses are not stored', () => {
  test.each([
    [{ x: 'a'.repeat(64) }, 'Metadata.Labels (value)'],
    [{ '': 'x' }, 'Metadata.Labels (label)'],
  ])('of a pod or any other source: %j', async (labels, where) => {
    const model = fakeStore(CLUSTER);
    const content = { ...adding(identity('c1')).content, labels };
    await expect(add(model, adding(identity('c1'), { content }))).rejects.toThrow(where);
    expect(model.dump()).toEqual(CLUSTER);
  });

  test('for a network whose name is not a valid label, when its profile does not exist yet', async () => {
    const long = 'n'.repeat(64);
    const asked = adding(identity('c1'), { profile: long });
    const model = fakeStore(CLUSTER);
    await expect(add(model, asked)).rejects.toThrow(`error with field LabelsToApply = 'map[${long}:]' (Reason: `);
    expect(model.dump()).toEqual(CLUSTER);
    model.put(`${RESOURCES}/profiles/${long}`, '{}');
    expect((await add(model, asked)).isNew).toBe(true);
  });
});
