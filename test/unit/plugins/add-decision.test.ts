import { describe, expect, test } from 'vitest';
import { type AddRequest, addPlan } from '../../../plugins/decide/add-decision.ts';
import { delPlan } from '../../../plugins/decide/del-decision.ts';
import type { Identity } from '../../../plugins/decide/identity.ts';
import { get } from '../../../shared/datastore/query.ts';
import { endpointRef, nodeRef, type Ref } from '../../../shared/datastore/ref.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { at, block, handle, node, pool, request } from '../../support/stored/ipam-world.ts';
import { adding, identity } from './adding.ts';

const RESOURCES = '/calico/resources/v3/projectcalico.org';
const READY = {
  [`${RESOURCES}/clusterinformations/default`]:
    '{"kind":"ClusterInformation","apiVersion":"projectcalico.org/v3","metadata":{"name":"default"},"spec":{"datastoreReady":true}}',
};
const CLUSTER = { ...READY, ...pool('one', { cidr: '10.71.0.0/24', blockSize: 26 }), ...node('node1') };
const NODE1 = `${RESOURCES}/nodes/node1`;
const ENDPOINT = `${RESOURCES}/workloadendpoints/default/node1-cni-c1-eth0`;

const onNode2 = (containerID: string) => ({
  endpointName: `node2-cni-${containerID}-eth0`,
  endpointPrefix: `node2-cni-${containerID}-`,
});

const add = (model: ReturnType<typeof fakeStore>, asked: AddRequest) => carryOut(model, () => addPlan(asked));
const del = (model: ReturnType<typeof fakeStore>, who: Identity) =>
  carryOut(model, () => delPlan({ identity: who, ipam: { handleIDs: [who.handleID], node: 'node1', now: at(1) } }));

const remove = (model: ReturnType<typeof fakeStore>, ref: Ref) =>
  carryOut(model, function* () {
    yield [get(ref)];
    return { changes: [{ ref, next: undefined }], answer: undefined };
  });

describe('a new container', () => {
  test('gets block, handle, affinity, endpoint and profile in one commit', async () => {
    const model = fakeStore(CLUSTER);
    const { isNew, routes } = await add(model, adding(identity('c1')));
    expect(isNew).toBe(true);
    expect(routes[0]).toMatch(/^10\.71\.0\.\d+\/26$/);
    expect(model.trips.at(-1)).toBe('commit 5');
    expect(model.trips).toHaveLength(3);
  });

  test('has its endpoint stored field by field as Calico stores it', async () => {
    const model = fakeStore(CLUSTER);
    const { endpoint } = await add(model, adding(identity('c1')));
    const [address] = endpoint.spec.ipNetworks ?? [];
    expect(model.get(ENDPOINT)?.value).toBe(
      '{"kind":"WorkloadEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"node1-cni-c1-eth0",' +
        '"namespace":"default","uid":"u1","creationTimestamp":"2026-11-21T08:31:17Z","labels":{' +
        '"projectcalico.org/namespace":"default","projectcalico.org/orchestrator":"cni"}},"spec":{"orchestrator":"cni",' +
        `"node":"node1","containerID":"c1","endpoint":"eth0","ipNetworks":["${address}"],"profiles":["net1"],` +
        '"interfaceName":"calic1","mac":"02:00:00:00:00:01"}}',
    );
  });

  test('creates the network’s profile once, and never changes it', async () => {
    const model = fakeStore(CLUSTER);
    await add(model, adding(identity('c1')));
    const profile = model.get(`${RESOURCES}/profiles/net1`);
    expect(profile?.value).toContain('"labelsToApply":{"net1":""}');
    await add(model, adding(identity('c2')));
    expect(model.get(`${RESOURCES}/profiles/net1`)).toEqual(profile);
  });

  test('is refused when Calico is not ready, with nothing written', async () => {
    const key = `${RESOURCES}/clusterinformations/default`;
    for (const value of ['{"spec":{"datastoreReady":false}}', '{"spec":{}}', '{}']) {
      const model = fakeStore({ ...CLUSTER, [key]: value });
      await expect(add(model, adding(identity('c1')))).rejects.toThrow(
        'Calico is currently not ready to process requests',
      );
      expect(model.dump()).toEqual({ ...CLUSTER, [key]: value });
    }
  });
});

describe('a container that comes back under another name of its node', () => {
  const renamed: Identity = { ...identity('c1'), node: 'node2', ...onNode2('c1') };
  const under2 = adding(renamed, { ipam: request('node2', 'c1') });
  const delAs = (model: ReturnType<typeof fakeStore>, who: Identity) =>
    carryOut(model, () => delPlan({ identity: who, ipam: { handleIDs: [who.handleID], node: who.node, now: at(1) } }));

  test('is refused when that name has no Node, as is one with an endpoint', async () => {
    const model = fakeStore(CLUSTER);
    await add(model, adding(identity('c1')));
    const before = model.dump();
    await expect(add(model, under2)).rejects.toThrow('resource does not exist: Node(node2) with error: <nil>');
    await remove(model, nodeRef('node1'));
    await expect(add(model, adding(identity('c1')))).rejects.toThrow(
      'resource does not exist: Node(node1) with error: <nil>',
    );
    const { [NODE1]: _, ...without } = before;
    expect(model.dump()).toEqual(without);
  });

  test('is refused while it has an endpoint under the first, whose addresses a DEL under the second keeps', async () => {
    const model = fakeStore({ ...CLUSTER, ...node('node2') });
    await add(model, adding(identity('c1')));
    const before = model.dump();
    await expect(add(model, under2)).rejects.toThrow(
      expect.objectContaining({
        message: 'container c1 already has an endpoint on node node1',
        details: expect.stringContaining(`${ENDPOINT} has 10.71.0.`),
      }),
    );
    expect(await delAs(model, renamed)).toMatchObject({ released: [], keptFor: ENDPOINT });
    expect(model.dump()).toEqual(before);
    expect((await delAs(model, identity('c1'))).released).toHaveLength(1);
    expect((await add(model, under2)).isNew).toBe(true);
  });

  test('gets the addresses of its handle when no endpoint has them any more, and its DEL releases them', async () => {
    const model = fakeStore({ ...CLUSTER, ...node('node2') });
    const first = await add(model, adding(identity('c1')));
    await remove(model, endpointRef('default', 'node1-cni-c1-eth0'));
    const second = await add(model, under2);
    expect(second.endpoint.spec.ipNetworks).toEqual(first.endpoint.spec.ipNetworks);
    expect((await delAs(model, renamed)).released).toHaveLength(1);
  });
});

describe('the same container again', () => {
  test('keeps address and MAC, and writes nothing', async () => {
    const model = fakeStore(CLUSTER);
    const first = await add(model, adding(identity('c1')));
    const before = model.dump();
    const again = adding(identity('c1'), { content: { ...adding(identity('c1')).content, mac: '02:ff:ff:ff:ff:ff' } });
    expect(await add(model, again)).toEqual({ endpoint: first.endpoint, isNew: false, routes: [] });
    expect(model.dump()).toEqual(before);
  });

  test('under another interface name keeps its endpoint', async () => {
    const model = fakeStore(CLUSTER);
    const first = await add(model, adding(identity('c1')));
    expect((await add(model, adding(identity('c1', 'eth1')))).endpoint).toEqual(first.endpoint);
  });

  test('in another network only gets that network’s profile added', async () => {
    const model = fakeStore(CLUSTER);
    await add(model, adding(identity('c1')));
    const second = await add(model, adding(identity('c1'), { profile: 'net2' }));
    expect(second.endpoint.spec.profiles).toEqual(['net1', 'net2']);
    expect(model.get(`${RESOURCES}/profiles/net2`)).toBeDefined();
  });
});

describe('a host interface that already exists', () => {
  const other = (spec: object) => ({
    [`${RESOURCES}/workloadendpoints/blue/node1-k8s-web--0-eth0`]: JSON.stringify({ metadata: { name: 'x' }, spec }),
  });

  test('has no owner unless an endpoint on this node names it', async () => {
    const model = fakeStore({ ...CLUSTER, ...other({ interfaceName: 'calielse' }) });
    expect((await add(model, adding(identity('c1'), { hostVethTaken: true }))).isNew).toBe(true);
  });

  test('is not taken from another workload, and nothing is written', async () => {
    const seed = { ...CLUSTER, ...other({ interfaceName: 'calic1' }) };
    const model = fakeStore(seed);
    await expect(add(model, adding(identity('c1'), { hostVethTaken: true }))).rejects.toThrow(
      'belongs to another workload',
    );
    expect(model.dump()).toEqual(seed);
  });
});

describe('DEL', () => {
  test('removes block entry, handle and endpoint in one commit, and nothing else', async () => {
    const model = fakeStore(CLUSTER);
    const { endpoint } = await add(model, adding(identity('c1')));
    await add(model, adding(identity('c2')));
    const { released } = await del(model, identity('c1'));
    expect(endpoint.spec.ipNetworks).toEqual([`${released[0]}/32`]);
    expect(model.get(ENDPOINT)).toBeUndefined();
    expect(model.get(handle('net1.c1'))).toBeUndefined();
    expect(model.get(handle('net1.c2'))).toBeDefined();
  });

  test('finds the endpoint under any interface name', async () => {
    const model = fakeStore(CLUSTER);
    await add(model, adding(identity('c1')));
    await del(model, identity('c1', 'eth1'));
    expect(model.get(ENDPOINT)).toBeUndefined();
  });

  test('repeated changes nothing', async () => {
    const model = fakeStore(CLUSTER);
    await add(model, adding(identity('c1')));
    await del(model, identity('c1'));
    const before = model.dump();
    expect((await del(model, identity('c1'))).released).toEqual([]);
    expect(model.dump()).toEqual(before);
  });

  test('leaves an endpoint that another container has taken over, and still releases its own address', async () => {
    const model = fakeStore(CLUSTER);
    const { endpoint } = await add(model, adding(identity('c1')));
    const taken = { ...endpoint, spec: { ...endpoint.spec, containerID: 'newer' } };
    model.put(ENDPOINT, JSON.stringify(taken));
    expect((await del(model, identity('c1'))).released).toHaveLength(1);
    expect(model.get(ENDPOINT)).toBeDefined();
  });

  test('releases an address that a block holds without a handle', async () => {
    const model = fakeStore(CLUSTER);
    const { routes } = await add(model, adding(identity('c1')));
    const damaged = fakeStore(
      Object.fromEntries(Object.entries(model.dump()).filter(([key]) => key !== handle('net1.c1'))),
    );
    expect((await del(damaged, identity('c1'))).released).toEqual([routes[0]?.replace(/\/.*/, '')]);
    const cidr = Object.keys(damaged.dump()).find((key) => key.startsWith(block('10.71.0.0/26').slice(0, 40)));
    expect(damaged.get(cidr ?? '')?.value).not.toContain('net1.c1');
  });
});
