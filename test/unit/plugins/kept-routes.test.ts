import { expect, test } from 'vitest';
import { type AddRequest, addPlan } from '../../../plugins/decide/add-decision.ts';
import { identify } from '../../../plugins/decide/identity.ts';
import { readCniArgs } from '../../../shared/cni/args.ts';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { SEED } from '../../support/fake-datastore/stepwise-world.ts';
import { handle, request } from '../../support/stored/ipam-world.ts';

const args = readCniArgs('K8S_POD_NAMESPACE=prod;K8S_POD_NAME=web', { ignoreUnknown: false });
const POD: AddRequest = {
  identity: identify(readNetConf('{"name":"net1"}'), { containerID: 'c1', ifName: 'eth0' }, args, 'n1', 'calic1'),
  content: { addresses: [], mac: '02:00:00:00:00:01', profiles: ['net1'], labels: {} },
  birth: { uid: 'u1', profileUid: 'u2', creationTimestamp: '2026-11-21T08:31:17Z' },
  profile: 'net1',
  ipam: request('n1', 'c1'),
  ...{ ownAddresses: false, floatingIPs: [], hostVethTaken: false },
};

test.each([
  ['', false],
  [' that was killed before it wrote the handle', true],
])('a pod’s repeated ADD has the routes of its first%s', async (_, isKilled) => {
  const store = fakeStore(SEED);
  const { routes } = await carryOut(store, () => addPlan(POD));
  expect(routes).toEqual([expect.stringMatching(/^10\.0\.0\.\d+\/30$/)]);
  if (isKilled) store.remove(handle('net1.c1'));
  expect(await carryOut(store, () => addPlan(POD))).toMatchObject({ isNew: false, routes });
  expect(store.get(handle('net1.c1'))).toBeDefined();
});

test('a pod’s repeated ADD succeeds, without routes, while its handle cannot be read', async () => {
  const store = fakeStore(SEED);
  await carryOut(store, () => addPlan(POD));
  store.put(handle('net1.c1'), '{');
  expect(await carryOut(store, () => addPlan(POD))).toMatchObject({ isNew: false, routes: [] });
  expect(store.get(handle('net1.c1'))).toMatchObject({ value: '{' });
});
