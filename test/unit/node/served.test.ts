import { describe, expect, test } from 'vitest';
import { routingOf } from '../../../node/bgp/routing.ts';
import { birdConfiguration } from '../../../node/bird/configuration.ts';
import { dependsOnEndpoints, serviceRouting } from '../../../node/served/served-routing.ts';
import { storedService, storedSlice } from '../../../node/served/stored-objects.ts';
import { asObject } from '../../../shared/calico/stored.ts';
import type { ReadEntry } from '../../../shared/datastore/watch.ts';
import { network } from '../../support/routing/network.ts';

const entry = (kind: 'Service' | 'EndpointSlice', object: object): ReadEntry => ({
  ref: { kind, namespace: 'prod', name: 'web' },
  at: `${kind}/prod/web`,
  fields: asObject(object) ?? {},
  version: '1',
});

interface ServiceGiven {
  readonly name?: string;
  readonly policy?: string;
  readonly clusterIP?: string;
  readonly type?: string;
  readonly externalIPs?: readonly string[];
  readonly ingress?: readonly string[];
}

const service = ({ name = 'prod/web', policy = 'Local', ingress = [], ...spec }: ServiceGiven = {}) =>
  storedService(
    name,
    entry('Service', {
      spec: { type: 'NodePort', clusterIP: '10.96.0.7', externalTrafficPolicy: policy, ...spec },
      status: { loadBalancer: { ingress: ingress.map((ip) => ({ ip })) } },
    }),
  );

const slice = (endpoints: readonly object[], addressType = 'IPv4', name = 'web') =>
  storedSlice(
    'node1',
    'prod/web-x1',
    entry('EndpointSlice', {
      metadata: { namespace: 'prod', labels: { 'kubernetes.io/service-name': name } },
      addressType,
      endpoints,
    }),
  );

const HERE = [slice([{ nodeName: 'node1', conditions: { ready: true } }])];

/** The single addresses that node1 announces. */
function announced(services: Parameters<typeof serviceRouting>[0], slices = HERE, networks: object = ALL) {
  const state = network({
    nodes: { node1: { ipv4: '10.0.0.1/24' } },
    configurations: { default: cidrs(networks) },
    services: serviceRouting(services, slices),
  });
  const { families } = routingOf(state, new Map());
  return [4, 6].flatMap((family) => families[family as 4 | 6].services.alone.map(({ text }) => text));
}

const cidrs = (networks: object) =>
  Object.fromEntries(
    Object.entries(networks).map(([field, texts]) => [field, (texts as string[]).map((cidr) => ({ cidr }))]),
  );

const ALL = {
  serviceClusterIPs: ['10.96.0.0/12'],
  serviceExternalIPs: ['192.0.2.0/24'],
  serviceLoadBalancerIPs: ['198.51.100.0/24'],
};

describe('a service that only nodes with an endpoint serve', () => {
  test('is announced by each of them, with all its addresses that are allowed', () => {
    const one = service({
      type: 'LoadBalancer',
      externalIPs: ['192.0.2.9', '203.0.113.1'],
      ingress: ['198.51.100.3', '203.0.113.2'],
    });
    expect(announced([one])).toEqual(['10.96.0.7/32', '192.0.2.9/32', '198.51.100.3/32']);
    expect(announced([one], HERE, { serviceExternalIPs: ['192.0.2.0/24'] })).toEqual(['192.0.2.9/32']);
  });

  test.each([
    ['is not ready', [slice([{ nodeName: 'node1', conditions: { ready: false } }])]],
    ['is on another node', [slice([{ nodeName: 'node2', conditions: { ready: true } }])]],
    ['is on no node', [slice([{ conditions: { ready: true } }])]],
    ['is of the other family', [slice([{ nodeName: 'node1' }], 'IPv6')]],
    ['is of another service', [slice([{ nodeName: 'node1' }], 'IPv4', 'api')]],
  ])('is not announced where its endpoint %s', (_, slices) => {
    expect(announced([service()], slices)).toEqual([]);
  });

  test('is announced where one endpoint of several slices is ready, also if that does not say so', () => {
    const slices = [slice([{ nodeName: 'node1', conditions: { ready: false } }]), slice([{ nodeName: 'node1' }])];
    expect(announced([service()], slices)).toEqual(['10.96.0.7/32']);
  });

  test('has an address of IPv6', () => {
    const six = service({ clusterIP: 'fd96::7' });
    expect(announced([six], [slice([{ nodeName: 'node1' }], 'IPv6')])).toEqual(['fd96::7/128']);
  });

  test.each([
    ['without an address', { clusterIP: 'None' }],
    ['that is a name elsewhere', { type: 'ExternalName', clusterIP: '' }],
  ])('is not announced: one %s', (_, given) => {
    expect(announced([service(given)])).toEqual([]);
    expect(dependsOnEndpoints(service(given))).toBe(false);
  });

  test('is the only kind that endpoints matter for', () => {
    expect([service(), service({ policy: 'Cluster' }), service({ policy: '' })].map(dependsOnEndpoints)).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('a service that every node serves', () => {
  test('is announced with its network only', () => {
    expect(announced([service({ policy: 'Cluster', externalIPs: ['192.0.2.9'] })])).toEqual([]);
  });

  test('is announced by itself when its address is configured as a network of one', () => {
    const networks = { serviceLoadBalancerIPs: ['198.51.100.3/32'] };
    const one = service({ policy: 'Cluster', type: 'LoadBalancer', ingress: ['198.51.100.3'] });
    expect(announced([one], [], networks)).toEqual(['198.51.100.3/32']);
    expect(announced([service({ policy: 'Cluster', ingress: ['198.51.100.3'] })], [], networks)).toEqual([]);
  });
});

test('BIRD announces the address, and does not write it to the kernel', () => {
  const state = network({
    nodes: { node1: { ipv4: '10.0.0.1/24' } },
    configurations: {
      default: cidrs({ serviceLoadBalancerIPs: ['198.51.100.3/32'], serviceClusterIPs: ['10.96.0.0/12'] }),
    },
    services: serviceRouting([service({ type: 'LoadBalancer', ingress: ['198.51.100.3'] })], HERE),
  });
  const text = birdConfiguration(routingOf(state, new Map()), 2, [4, 6]);
  for (const route of ['10.96.0.0/12', '10.96.0.7/32', '198.51.100.3/32'])
    expect(text).toContain(`  route ${route} blackhole;\n`);
  expect(text.split('if (net ~ 198.51.100.3/32) then reject;').length).toBe(2);
  expect(text).toContain('if (net ~ 198.51.100.3/32) then accept;');
});

test('a node that load balancers leave out announces none', () => {
  const labels = { 'node.kubernetes.io/exclude-from-external-load-balancers': 'true' };
  const state = network({
    nodes: { node1: { ipv4: '10.0.0.1/24', labels } },
    configurations: { default: cidrs(ALL) },
    services: serviceRouting([service()], HERE),
  });
  expect(routingOf(state, new Map()).families[4].services).toMatchObject({ announced: [], alone: [] });
});
