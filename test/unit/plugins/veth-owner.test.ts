import { describe, expect, test } from 'vitest';
import type { ContainerInterface } from '../../../plugins/dataplane/container-interface.ts';
import { identify } from '../../../plugins/decide/identity.ts';
import { bearsUniqueName, mayRemoveInterface } from '../../../plugins/decide/veth-owner.ts';
import { readCniArgs } from '../../../shared/cni/args.ts';
import { readNetConf } from '../../../shared/cni/netconf-read.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';

const RESOURCES = '/calico/resources/v3/projectcalico.org';
const READY = { [`${RESOURCES}/clusterinformations/default`]: '{"spec":{"datastoreReady":true}}' };
const POD = 'K8S_POD_NAMESPACE=prod;K8S_POD_NAME=web';
const HOST_MAC = 'ee:ee:ee:ee:ee:ee';

const identity = (args = '', containerID = 'c1') => {
  const conf = readNetConf('{"name":"net1"}');
  return identify(
    conf,
    { containerID, ifName: 'eth0' },
    readCniArgs(args, { ignoreUnknown: false }),
    'node1',
    'calipod',
  );
};
const endpoint = (name: string, spec: object) => ({
  [`${RESOURCES}/workloadendpoints/${name}`]: JSON.stringify({ metadata: {}, spec }),
});
const link = (name: string, mac = HOST_MAC): ContainerInterface => ({ mac: '02:00:00:00:00:01', host: { name, mac } });
const may = (attachment: ContainerInterface, seed: Readonly<Record<string, string>> = {}, who = identity()) =>
  carryOut(fakeStore({ ...READY, ...seed }), () => mayRemoveInterface(who, attachment));

describe('an interface in CNI_NETNS may be removed with a container', () => {
  const own = (spec: object) => endpoint('default/node1-cni-c1-eth0', { containerID: 'c1', ...spec });

  test('when its endpoint has this MAC, however it is written, or this host end', async () => {
    expect(await may(link('calix'), own({ mac: '02:00:00:00:00:01' }))).toBe(true);
    expect(await may({ mac: '02:00:00:00:00:ab', host: undefined }, own({ mac: '02:00:00:00:00:AB' }))).toBe(true);
    expect(await may(link('calix'), own({ mac: '02:00:00:00:00:99', interfaceName: 'calix' }))).toBe(true);
    expect(await may(link('calic1'), own({ mac: '02:00:00:00:00:99', interfaceName: 'calix' }))).toBe(false);
    expect(await may({ mac: '02:00:00:00:00:01', host: undefined }, own({}))).toBe(false);
  });

  test('without an endpoint when its host end is Calico’s and no endpoint names it', async () => {
    expect(await may(link('calix'))).toBe(true);
    expect(await may(link('calic1', '02:00:00:00:00:77'))).toBe(true);
    expect(await may(link('vethfeed', '02:00:00:00:00:77'))).toBe(false);
    expect(await may({ mac: '02:00:00:00:00:01', host: undefined })).toBe(false);
    const other = (name: string) => endpoint(name, { containerID: 'c2', interfaceName: 'calix' });
    expect(await may(link('calix'), other('default/node1-cni-c2-eth0'))).toBe(false);
    expect(await may(link('calix'), other('default/node2-cni-c2-eth0'))).toBe(true);
  });

  test('not while another endpoint of the node cannot be read', async () => {
    const unread = { [`${RESOURCES}/workloadendpoints/default/node1-cni-c2-eth0`]: '{' };
    expect(await may(link('calix'), unread)).toBe(false);
  });

  test('not when the endpoint is a newer sandbox’s of the same pod', async () => {
    const newer = endpoint('prod/node1-k8s-web-eth0', { containerID: 'c2', interfaceName: 'calipod' });
    expect(await may(link('calipod'), newer, identity(POD))).toBe(false);
    const own = endpoint('prod/node1-k8s-web-eth0', { containerID: 'c1', interfaceName: 'calipod' });
    expect(await may(link('calipod'), own, identity(POD))).toBe(true);
  });
});

test('a name is unique when it comes from a random container ID, not from a pod or a chosen ID', () => {
  expect(bearsUniqueName(identity('', '0123456789abcdef0123456789abcdef'))).toBe(true);
  expect(bearsUniqueName(identity('', 'web'))).toBe(false);
  expect(bearsUniqueName(identity(POD, '0123456789abcdef0123456789abcdef'))).toBe(false);
});
