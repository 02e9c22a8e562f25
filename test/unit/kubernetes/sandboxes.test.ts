import { describe, expect, test } from 'vitest';
import { assign } from '../../../ipam/allocate/assign.ts';
import { releaseHandles } from '../../../ipam/release/release.ts';
import { identify } from '../../../plugins/decide/identity.ts';
import { releasePredecessor } from '../../../plugins/decide/predecessor.ts';
import { podsOnNode } from '../../../plugins/decide/stale-pods.ts';
import { readCniArgs } from '../../../shared/cni/args.ts';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { at, handle, node, pool, request } from '../../support/stored/ipam-world.ts';

const RESOURCES = '/calico/resources/v3/projectcalico.org';
const CLUSTER = {
  [`${RESOURCES}/clusterinformations/default`]: '{"kind":"ClusterInformation","spec":{"datastoreReady":true}}',
  ...pool('one', { cidr: '10.71.0.0/24', blockSize: 26 }),
  ...node('node1'),
};

const identity = (containerID: string, pod = 'web-0') =>
  identify(
    readNetConf('{"name":"net1"}'),
    { containerID, ifName: 'eth0' },
    readCniArgs(`K8S_POD_NAMESPACE=prod;K8S_POD_NAME=${pod}`, { ignoreUnknown: false }),
    'node1',
    'calip',
  );

/** An endpoint as etcd holds it. */
const endpoint = (name: string, spec: object, namespace = 'prod') => ({
  [`${RESOURCES}/workloadendpoints/${namespace}/${name}`]: JSON.stringify({
    kind: 'WorkloadEndpoint',
    metadata: { name },
    spec,
  }),
});

/** Node 1 with one address held by the container `old`, which the pod's endpoint names. */
async function withPredecessor(holder = 'old') {
  const model = fakeStore(CLUSTER);
  await carryOut(model, () => assign({ ...request('node1', holder), fixed: ['10.71.0.9'] }));
  const stored = endpoint('node1-k8s-web--0-eth0', {
    containerID: 'old',
    ipNetworks: ['10.71.0.9/32'],
    interfaceName: 'calip',
  });
  for (const [key, value] of Object.entries(stored)) model.put(key, value);
  return model;
}

const release = (model: ReturnType<typeof fakeStore>, containerID: string) =>
  carryOut(model, () => releasePredecessor(identity(containerID), 'net1', at(1)));

describe('a pod’s new sandbox that requests the same addresses', () => {
  test('gets those of the old one, which are released first', async () => {
    const model = await withPredecessor();
    expect((await release(model, 'new')).released).toEqual(['10.71.0.9']);
    expect(model.get(handle('net1.old'))).toBeUndefined();
    expect(
      (await carryOut(model, () => assign({ ...request('node1', 'new'), fixed: ['10.71.0.9'] }))).addresses,
    ).toHaveLength(1);
    // The old one's late DEL finds nothing of its own.
    const late = { handleIDs: ['net1.old', 'prod.web-0'], node: 'node1', now: at(2) };
    expect((await carryOut(model, () => releaseHandles(late))).released).toEqual([]);
  });

  test('takes nothing from itself, nor from another container', async () => {
    expect((await release(await withPredecessor(), 'old')).released).toEqual([]);
    const model = await withPredecessor('somebody');
    expect((await release(model, 'new')).released).toEqual([]);
    expect(model.get(handle('net1.somebody'))).toBeDefined();
  });

  test('finds nothing to release if there was no old one', async () => {
    expect((await release(fakeStore(CLUSTER), 'new')).released).toEqual([]);
  });
});

test('the pods on a node are identified by their containers', async () => {
  const spec = (containerID: string) => ({ containerID, interfaceName: 'calip', ipNetworks: [] });
  const model = fakeStore({
    ...CLUSTER,
    ...endpoint('node1-k8s-web--0-eth0', spec('c1')),
    ...endpoint('node1-k8s-db-net1', spec('c2'), 'other'),
    ...endpoint('node1-cni-c3-eth0', spec('c3'), 'default'),
    ...endpoint('node1--1-k8s-web--0-eth0', spec('c4')),
    ...endpoint('node1-k8s-odd-eth0', {}),
  });
  const { known, unread } = await carryOut(model, () => podsOnNode('node1', 'net1'));
  expect([...known.keys()].sort()).toEqual(['c1', 'c2']);
  expect(unread).toEqual([]);
  expect(known.get('c1')).toEqual({ ...identity('c1'), legacyHandleID: '' });
  expect(known.get('c2')).toMatchObject({ namespace: 'other', pod: 'db', endpoint: 'net1', handleID: 'net1.c2' });
});

test('a pod whose endpoint cannot be parsed hides no other, and is reported', async () => {
  const key = `${RESOURCES}/workloadendpoints/prod/node1-k8s-bad-eth0`;
  const spec = { containerID: 'c1', interfaceName: 'calip', ipNetworks: [] };
  const model = fakeStore({ ...CLUSTER, [key]: 'not json', ...endpoint('node1-k8s-web--0-eth0', spec) });
  const { known, unread } = await carryOut(model, () => podsOnNode('node1', 'net1'));
  expect([...known.keys()]).toEqual(['c1']);
  expect(unread).toEqual([expect.stringContaining(`key=${key}`)]);
});
