import { describe, expect, test } from 'vitest';
import type { AddressHolder } from '../../../ipam/block/holder.ts';
import {
  isAnotherNetworks,
  isOwnPods,
  isPodGone,
  type Suspect,
  suspectsAmong,
} from '../../../plugins/decide/take-over.ts';
import { withoutTrace } from '../../../plugins/linux/trace.ts';
import type { Route } from '../../../shared/netlink/route.ts';
import { carryOut } from '../../support/fake-datastore/actor.ts';
import { fakeStore } from '../../support/fake-datastore/fake-store.ts';
import { at } from '../../support/stored/ipam-world.ts';
import { identity } from './adding.ts';

const HERE = { network: 'net1', node: 'node1', now: at(600) };
const held = (more: Partial<AddressHolder> = {}): AddressHolder => ({
  address: '10.9.0.9',
  handleID: 'net1.c1',
  node: 'node1',
  namespace: 'prod',
  pod: 'web-0',
  assignedAt: at(0),
  releasedAt: undefined,
  ...more,
});
const suspects = (holder: AddressHolder): readonly Suspect[] => suspectsAmong([holder], HERE, (id) => identity(id));
const suspect = (more: Partial<AddressHolder> = {}): Suspect => {
  const [found] = suspects(held(more));
  if (found === undefined) throw new Error('not a suspect');
  return found;
};

describe('the container that holds an address', () => {
  test('may be gone if it is of this node and network, and not of just now', () => {
    expect(suspects(held())).toEqual([
      expect.objectContaining({ containerID: 'c1', hostName: 'calic1', address: '10.9.0.9', assignedAt: at(0) }),
    ]);
  });

  test.each<[string, Partial<AddressHolder>]>([
    ['another node’s', { node: 'node2' }],
    ['of an unknown node', { node: undefined }],
    ['another network’s', { handleID: 'net2.c1' }],
    ['a virtual machine’s', { handleID: 'net1.vmi.prod.vm1' }],
    ['a tunnel', { handleID: 'net1.vxlan-tunnel-addr-node1' }],
    ['without a handle', { handleID: undefined }],
    ['of an unknown time', { assignedAt: undefined }],
    ['assigned within the last two minutes', { assignedAt: at(481) }],
    ['assigned in the future', { assignedAt: at(700) }],
  ])('is never taken for gone if it is %s', (_, more) => expect(suspects(held(more))).toEqual([]));

  const owner = (containerID: string, seconds: number) => ({ containerID, createdAt: at(seconds) });
  test.each([
    ['is deleted', undefined, true],
    ['is another by now', owner('', 30), true],
    ['is another by now, with a container', owner('c2', 30), true],
    ['still has this container', owner('c1', 30), false],
    ['was there before the assignment', owner('', -30), false],
    ['was created in the same second', owner('', 0), false],
  ])('whose pod %s', (_, now, gone) => expect(isPodGone(suspect(), now)).toBe(gone));

  test('may be an earlier one of the pod that is added', () => {
    const pod = { ...identity('c9'), orchestrator: 'k8s' as const, namespace: 'prod', pod: 'web-0' };
    expect(isOwnPods(suspect(), pod)).toBe(true);
    expect(isOwnPods(suspect(), { ...pod, pod: 'web-1' })).toBe(false);
    expect(isOwnPods(suspect(), { ...pod, namespace: 'test' })).toBe(false);
    expect(isOwnPods(suspect({ namespace: '', pod: '' }), identity('c9'))).toBe(false);
  });

  const endpoint = (profile: string, address: string) => ({
    '/calico/resources/v3/projectcalico.org/workloadendpoints/default/node1-cni-c1-eth0': JSON.stringify({
      metadata: { name: 'node1-cni-c1-eth0', namespace: 'default' },
      spec: { containerID: 'c1', profiles: [profile], ipNetworks: [`${address}/32`] },
    }),
  });
  test.each([
    ['another network’s', endpoint('net2', '10.8.0.1'), true],
    ['another network’s, but has the address', endpoint('net2', '10.9.0.9'), false],
    ['this network’s', endpoint('net1', '10.8.0.1'), false],
    ['missing', {}, false],
  ])('without a pod, when its endpoint is %s', async (_, seed, isOthers) => {
    const store = fakeStore(seed);
    expect(await carryOut(store, () => isAnotherNetworks(suspect({ namespace: '', pod: '' }), 'net1'))).toBe(isOthers);
  });
});

describe('in the kernel', () => {
  const route = (dst: string, kind: Route['kind'] = 'unicast') => ({ dst, kind }) as Route;
  const left = (routes: readonly Route[], ...links: string[]) =>
    withoutTrace([{ hostName: 'calic1', address: '10.9.0.9' }], { names: new Map(), routes }, (name) =>
      links.includes(name),
    ).length;

  test('nothing is left without interface and route', () => {
    expect(left([route('10.9.0.0/26', 'blackhole'), route('10.9.0.8/32'), route('default')])).toBe(1);
    expect(left([route('10.9.0.9/32', 'blackhole')])).toBe(1);
  });
  test('an interface or a route is a trace, whatever it leads over', () => {
    expect(left([], 'calic1')).toBe(0);
    expect(left([route('10.9.0.9/32')])).toBe(0);
    expect(left([route('10.9.0.9/32', 'unreachable')])).toBe(0);
  });
});
