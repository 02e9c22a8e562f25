import { expect, test } from 'vitest';
import { PLURALS, type ResourceKind } from '../../../shared/calico/resource-kind.ts';
import { endpointsOf, POOLS, RESERVATIONS } from '../../../shared/datastore/query.ts';
import {
  affinityRef,
  blockRef,
  endpointRef,
  handleRef,
  IPAM_CONFIG,
  ipamHostRef,
  nodeRef,
  profileRef,
  type Ref,
} from '../../../shared/datastore/ref.ts';
import * as keys from '../../../shared/etcd/keys.ts';
import { cidr } from '../../support/inputs/cidr.ts';

const R = '/calico/resources/v3/projectcalico.org';

test.each([
  [keys.blockKey(cidr('10.10.0.77/26')), '/calico/ipam/v2/assignment/ipv4/block/10.10.0.64-26'],
  [keys.blockKey(cidr('FD00:1::c5/122')), '/calico/ipam/v2/assignment/ipv6/block/fd00:1::c0-122'],
  [keys.blocksPrefix(6), '/calico/ipam/v2/assignment/ipv6/block/'],
  [keys.keyOf(affinityRef('node-1', cidr('10.10.0.64/26'))), '/calico/ipam/v2/host/node-1/ipv4/block/10.10.0.64-26'],
  [keys.affinitiesPrefix('node-1'), '/calico/ipam/v2/host/node-1/'],
  [keys.handleKey('x/y%z A'), '/calico/ipam/v2/handle/x/y%z A'],
  [keys.keyOf(ipamHostRef('node-1')), '/calico/ipam/v2/host/node-1'],
  [keys.keyOf(IPAM_CONFIG), '/calico/ipam/v2/config'],
  [keys.CLUSTER_INFORMATION_KEY, `${R}/clusterinformations/default`],
  [keys.prefixesOf(POOLS)[0], `${R}/ippools/`],
  [keys.prefixesOf(RESERVATIONS)[0], `${R}/ipreservations/`],
  [keys.keyOf(nodeRef('node-1')), `${R}/nodes/node-1`],
  [keys.keyOf(profileRef('net1')), `${R}/profiles/net1`],
  [keys.keyOf(endpointRef('default', 'n-cni-c-eth0')), `${R}/workloadendpoints/default/n-cni-c-eth0`],
  [keys.prefixesOf(endpointsOf('prod', 'n-k8s-web-'))[0], `${R}/workloadendpoints/prod/n-k8s-web-`],
])('%s is where Calico stores it', (key, expected) => {
  expect(key).toBe(expected);
});

test.each(['10.10.0.64/26', '0.0.0.0/0', 'fd00:1::c0/122', '::/0'])('the block %s is parsed from its key', (text) => {
  expect(keys.parseBlockKey(keys.blockKey(cidr(text)))).toEqual(cidr(text));
});

test.each([
  '/calico/ipam/v2/assignment/ipv4/block/10.10.0.65-26',
  '/calico/ipam/v2/assignment/ipv4/block/010.10.0.64-26',
  '/calico/ipam/v2/assignment/ipv6/block/10.10.0.64-26',
  '/calico/ipam/v2/assignment/ipv4/block/10.10.0.64-33',
  '/calico/ipam/v2/assignment/ipv4/block/10.10.0.64/26',
  '/calico/ipam/v2/assignment/ipv6/block/fe80::1%eth0-128',
  '/calico/ipam/v2/assignment/ipv4/block/',
  '/calico/ipam/v2/host/n/ipv4/block/10.10.0.64-26',
  'x/calico/ipam/v2/assignment/ipv4/block/10.10.0.64-26',
  '',
])('%j is not a block key', (key) => {
  expect(keys.parseBlockKey(key)).toBeUndefined();
});

test.each(['node-1', 'a.b', 'ipv4', 'N_1 x', 'block'])('node %s and block are parsed from an affinity key', (node) => {
  const block = cidr('fd00:1::c0/122');
  expect(keys.parseAffinityKey(keys.keyOf(affinityRef(node, block)))).toEqual(affinityRef(node, block));
});

test('the load balancer’s affinities differ from nodes’', () => {
  const key = '/calico/ipam/v2/virtual/load-balancer/ipv4/block/10.10.0.64-26';
  expect(keys.parseAffinityKey(key)).toEqual({
    kind: 'affinity',
    type: 'virtual',
    node: 'load-balancer',
    cidr: cidr('10.10.0.64/26'),
  });
});

test.each([
  '/calico/ipam/v2/host/n1',
  '/calico/ipam/v2/host/n1/ipv4/block/10.10.0.65-26',
  '/calico/ipam/v2/host/n1/ipv6/block/10.10.0.64-26',
  '/calico/ipam/v2/host/n1/x/ipv4/block/10.10.0.64-26',
  '/calico/ipam/v2/host//ipv4/block/10.10.0.64-26',
  '/calico/ipam/v2/@/n1/ipv4/block/10.10.0.64-26',
  '/calico/ipam/v2/assignment/ipv4/block/10.10.0.64-26',
])('%j is not an affinity key', (key) => {
  expect(keys.parseAffinityKey(key)).toBeUndefined();
});

const NAMESPACED: readonly string[] = [
  'NetworkPolicy',
  'NetworkSet',
  'StagedKubernetesNetworkPolicy',
  'StagedNetworkPolicy',
  'WorkloadEndpoint',
];
const RESOURCES: readonly Ref[] = (Object.keys(PLURALS) as ResourceKind[]).map((kind) =>
  NAMESPACED.includes(kind) ? { kind, namespace: 'prod', name: 'a.b-c' } : { kind, name: 'a.b-c' },
);

test.each<Ref>([
  blockRef(cidr('10.10.0.64/26')),
  blockRef(cidr('fd00:1::c0/122')),
  affinityRef('node-1', cidr('10.10.0.64/26')),
  { ...affinityRef('load-balancer', cidr('fd00:1::c0/122')), type: 'virtual' },
  handleRef('net1.x/y%z A'),
  ipamHostRef('node-1'),
  IPAM_CONFIG,
  ...RESOURCES,
])('%o is parsed from its key', (ref) => {
  expect(keys.refOf(keys.keyOf(ref))).toEqual(ref);
});

test('resources are stored under the plural of their kind, and under their namespace if they have one', () => {
  expect(keys.keyOf(endpointRef('prod', 'w'))).toBe(`${R}/workloadendpoints/prod/w`);
  expect(keys.keyOf({ kind: 'GlobalNetworkPolicy', name: 'p' })).toBe(`${R}/globalnetworkpolicies/p`);
});

test.each([
  `${R}/ippools/`,
  `${R}/ippools/a/b`,
  `${R}/workloadendpoints/prod`,
  `${R}/workloadendpoints/prod/`,
  `${R}/workloadendpoints//w`,
  `${R}/workloadendpoints/prod/w/x`,
  `${R}/pods/a`,
  `${R}x/ippools/a`,
  R,
  '/calico/ipam/v2/handle/',
  '/calico/ipam/v2/host/',
  '/calico/ipam/v2/host/n1/ipv4',
  '/calico/ipam/v2/config2',
  '/calico/ipam/v2/assignment/ipv4/block/10.10.0.65-26',
  '/registry/pods/a',
])('%j is the key of no object', (key) => {
  expect(keys.refOf(key)).toBeUndefined();
});

test.each([
  [{ all: 'block' }, [keys.blocksPrefix(4), keys.blocksPrefix(6)]],
  [{ all: 'affinity' }, ['/calico/ipam/v2/host/', '/calico/ipam/v2/virtual/']],
  [{ all: 'affinity', node: 'n1' }, [keys.affinitiesPrefix('n1')]],
  [{ all: 'handle', prefix: 'net1.' }, ['/calico/ipam/v2/handle/net1.']],
  [{ all: 'IPPool', prefix: 'a' }, [`${R}/ippools/a`]],
  [{ all: 'WorkloadEndpoint' }, [`${R}/workloadendpoints/`]],
  [{ all: 'WorkloadEndpoint', prefix: 'w' }, [`${R}/workloadendpoints/`]],
  [{ all: 'WorkloadEndpoint', namespace: 'prod', prefix: 'w' }, [`${R}/workloadendpoints/prod/w`]],
] as const)('%j is searched for under %j', (query, prefixes) => {
  expect(keys.prefixesOf(query)).toEqual(prefixes);
});
