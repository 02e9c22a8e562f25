import { describe, expect, test } from 'vitest';
import { endpointsOf } from '../../../shared/datastore/query.ts';
import { endpointRef, nodeRef } from '../../../shared/datastore/ref.ts';
import { podAccess } from '../../../shared/kubernetes-datastore/pod-access.ts';
import type { ApiObject, ApiRequest } from '../../../shared/kubernetes-datastore/resource-access.ts';

const CALICO = 'cni.projectcalico.org/';
const NETWORKED = {
  [`${CALICO}containerID`]: 'beef0001',
  [`${CALICO}podIP`]: '192.168.89.114/32',
  [`${CALICO}podIPs`]: '192.168.89.114/32,fd00::5/128',
};
const RETRACTED = { ...NETWORKED, [`${CALICO}podIP`]: '', [`${CALICO}podIPs`]: '' };
const REPORTED = { podIP: '10.0.0.9', podIPs: [{ ip: '10.0.0.9' }, { ip: 'fd00::9' }] };

interface Given {
  readonly annotations?: object;
  readonly metadata?: object;
  readonly spec?: object;
  readonly status?: object;
}

const pod = ({ annotations = {}, metadata = {}, spec = {}, status = {} }: Given = {}): ApiObject => ({
  metadata: {
    name: 'web-0',
    generateName: 'web-',
    namespace: 'prod',
    uid: '0eb9aab1-7d3a-4e24-ac70-0a1f5a1b9f30',
    resourceVersion: '323',
    creationTimestamp: '2026-11-28T01:20:00Z',
    labels: { tier: 'fe', app: 'web' },
    annotations,
    ...metadata,
  },
  spec: { nodeName: 'node-1', serviceAccountName: 'websa', containers: [], ...spec },
  status,
});

const shown = podAccess('shown', {});
const written = podAccess('written', {});
const endpointOf = (object: ApiObject, access = shown) => JSON.parse(access.decode(object)?.value ?? 'null');
const NAME = 'node--1-k8s-web--0-eth0';
const REF = endpointRef('prod', NAME);

describe('a pod as Calico shows it', () => {
  test('is a WorkloadEndpoint with the fields that etcd would hold', () => {
    const entry = shown.decode(pod({ annotations: NETWORKED }));
    expect(entry).toMatchObject({ ref: REF, at: 'pods/prod/web-0', version: '323' });
    expect(JSON.parse(entry?.value ?? '')).toEqual({
      kind: 'WorkloadEndpoint',
      apiVersion: 'projectcalico.org/v3',
      metadata: {
        name: NAME,
        generateName: 'web-',
        namespace: 'prod',
        uid: '0eb9aab1-7d3a-4e24-ac70-0a1f5a1b9f30',
        creationTimestamp: '2026-11-28T01:20:00Z',
        labels: {
          app: 'web',
          'projectcalico.org/namespace': 'prod',
          'projectcalico.org/orchestrator': 'k8s',
          'projectcalico.org/serviceaccount': 'websa',
          tier: 'fe',
        },
      },
      spec: {
        orchestrator: 'k8s',
        node: 'node-1',
        containerID: 'beef0001',
        pod: 'web-0',
        endpoint: 'eth0',
        serviceAccountName: 'websa',
        ipNetworks: ['192.168.89.114/32', 'fd00::5/128'],
        profiles: ['kns.prod', 'ksa.prod.websa'],
        // As on etcd: the first 11 digits of sha1("prod.web-0").
        interfaceName: 'caliaa960f0d82e',
      },
    });
  });

  test.each<[string, Given, readonly string[]]>([
    [
      'what the kubelet reports, before any annotation',
      { annotations: NETWORKED, status: REPORTED },
      ['10.0.0.9/32', 'fd00::9/128'],
    ],
    ['the single address that an older kubelet reports', { status: { podIP: '10.0.0.9' } }, ['10.0.0.9/32']],
    ['all that the plugin wrote', { annotations: NETWORKED }, ['192.168.89.114/32', 'fd00::5/128']],
    ['the one that an older plugin wrote', { annotations: { [`${CALICO}podIP`]: '10.0.0.7/32' } }, ['10.0.0.7/32']],
    [
      'those of Amazon’s plugin',
      { annotations: { 'vpc.amazonaws.com/pod-ips': '10.0.0.1,fd00::1' } },
      ['10.0.0.1/32', 'fd00::1/128'],
    ],
    ['none where nothing is said', {}, []],
    [
      'what the kubelet reports of a sandbox that is gone',
      { annotations: RETRACTED, status: REPORTED },
      ['10.0.0.9/32', 'fd00::9/128'],
    ],
    ['none once it has succeeded', { annotations: NETWORKED, status: { ...REPORTED, phase: 'Succeeded' } }, []],
    ['none once it has failed', { annotations: NETWORKED, status: { phase: 'Failed' } }, []],
    [
      'none once it is deleted and retracted',
      { annotations: RETRACTED, status: REPORTED, metadata: { deletionTimestamp: '2026-11-28T01:30:00Z' } },
      [],
    ],
    [
      'all while it is deleted and not yet retracted',
      { annotations: NETWORKED, metadata: { deletionTimestamp: '2026-11-28T01:30:00Z' } },
      ['192.168.89.114/32', 'fd00::5/128'],
    ],
  ])('has for addresses %s', (_, given, expected) => {
    expect(endpointOf(pod(given)).spec.ipNetworks).toEqual(expected);
  });

  test('carries ports, floating addresses, source prefixes, limits and the network status', () => {
    const ports = [
      { name: 'http', containerPort: 80 },
      { containerPort: 53, protocol: 'UDP', hostPort: 5353, hostIP: '127.0.0.1' },
      { containerPort: 9 },
    ];
    const annotations = {
      ...NETWORKED,
      [`${CALICO}floatingIPs`]: '["1.2.3.4","2001:db8::1"]',
      [`${CALICO}allowedSourcePrefixes`]: '["10.1.2.3/8"]',
      'kubernetes.io/ingress-bandwidth': '10M',
      'qos.projectcalico.org/egressPacketRate': 'rubbish',
      'k8s.v1.cni.cncf.io/network-status': '[{}]',
      'example.com/other': 'x',
    };
    const value = endpointOf(pod({ annotations, spec: { containers: [{ ports }] } }));
    expect(value.metadata.annotations).toEqual({ 'k8s.v1.cni.cncf.io/network-status': '[{}]' });
    expect(value.spec).toMatchObject({
      ports: [
        { name: 'http', protocol: 'TCP', port: 80, hostPort: 0, hostIP: '' },
        { name: '', protocol: 'UDP', port: 53, hostPort: 5353, hostIP: '127.0.0.1' },
      ],
      ipNATs: [
        { internalIP: '192.168.89.114', externalIP: '1.2.3.4' },
        { internalIP: 'fd00::5', externalIP: '2001:db8::1' },
      ],
      allowSpoofedSourcePrefixes: ['10.0.0.0/8'],
      qosControls: { ingressBandwidth: 10_000_000 },
    });
  });

  test('has no NAT for a family that it has no address of', () => {
    const annotations = { [`${CALICO}podIP`]: '10.0.0.7/32', [`${CALICO}floatingIPs`]: '["2001:db8::1"]' };
    expect(endpointOf(pod({ annotations })).spec.ipNATs).toBeUndefined();
  });

  test.each(['allowedSourcePrefixes', 'floatingIPs'])('cannot be shown with a bad %s', (name) => {
    expect(() => shown.decode(pod({ annotations: { [CALICO + name]: '["x"]' } }))).toThrow();
  });

  test('is no endpoint on the host’s network, or before it is scheduled', () => {
    expect(shown.decode(pod({ spec: { hostNetwork: true } }))).toBeUndefined();
    expect(shown.decode(pod({ spec: { nodeName: '' } }))).toBeUndefined();
  });

  test('has the interface name that FELIX_INTERFACEPREFIX asks for', () => {
    const { value = '' } = podAccess('shown', { FELIX_INTERFACEPREFIX: 'net,cali' }).decode(pod()) ?? {};
    expect(JSON.parse(value).spec.interfaceName).toBe('netaa960f0d82e');
  });
});

describe('a pod as the plugin has written it', () => {
  test('has the addresses that were written, whatever the kubelet still reports', () => {
    const { containerID, ipNetworks } = endpointOf(pod({ annotations: NETWORKED, status: REPORTED }), written).spec;
    expect({ containerID, ipNetworks }).toEqual({
      containerID: 'beef0001',
      ipNetworks: ['192.168.89.114/32', 'fd00::5/128'],
    });
  });

  test.each([
    ['was never networked', {}],
    ['was retracted', RETRACTED],
  ])('is no container’s when it %s', (_, annotations) => {
    const { containerID, ipNetworks } = endpointOf(pod({ annotations, status: REPORTED }), written).spec;
    expect({ containerID, ipNetworks }).toEqual({ containerID: undefined, ipNetworks: [] });
  });

  test('is read with annotations that cannot be meant: a DEL must find it', () => {
    const annotations = { ...NETWORKED, [`${CALICO}floatingIPs`]: 'x', [`${CALICO}allowedSourcePrefixes`]: 'y' };
    expect(endpointOf(pod({ annotations }), written).spec.containerID).toBe('beef0001');
  });
});

describe('an endpoint is looked for', () => {
  const GET = { method: 'GET', path: '/api/v1/namespaces/prod/pods/web-0' };

  test('by its pod, whatever its interface', () => {
    expect(shown.get(REF)).toMatchObject(GET);
    expect(shown.get(endpointRef('prod', 'node--1-k8s-web--0-eth1'))).toMatchObject(GET);
  });

  test('by the pod that a prefix reaches: a plugin may not list pods', () => {
    const { requests } = written.list(endpointsOf('prod', 'node--1-k8s-web--0-'));
    expect(requests).toMatchObject([
      { ...GET, asked: { verb: 'get', resource: 'pods', namespace: 'prod', name: 'web-0' } },
    ]);
  });

  test('nowhere when no pod can be it', () => {
    expect(shown.get(endpointRef('prod', 'node1-cni-c1-eth0'))).toBeUndefined();
    expect(shown.get(endpointRef('prod', 'web-0'))).toBeUndefined();
    expect(shown.get(nodeRef('node1'))).toBeUndefined();
  });

  test.each(['node1-cni-e1-', 'node1-cni-'])('by nothing when it is of another orchestrator: %s', (prefix) => {
    expect(written.list(endpointsOf('default', prefix))).toEqual({ requests: [] });
  });

  test.each(['node1-', 'node1-k8s-', 'no', ''])('among the pods of its namespace by the prefix %j', (prefix) => {
    expect(written.list(endpointsOf('prod', prefix)).requests).toMatchObject([
      { path: '/api/v1/namespaces/prod/pods' },
    ]);
  });

  test('among all pods, or those of a namespace', () => {
    expect(shown.list({ all: 'WorkloadEndpoint' }).requests.map(({ path }) => path)).toEqual(['/api/v1/pods']);
    expect(shown.list({ all: 'WorkloadEndpoint', namespace: 'prod' }).requests.map(({ path }) => path)).toEqual([
      '/api/v1/namespaces/prod/pods',
    ]);
  });
});

describe('an ADD', () => {
  const next = JSON.stringify({ spec: { containerID: 'beef0001', ipNetworks: ['192.168.89.114/32', 'fd00::5/128'] } });

  test.each([REF, endpointRef('prod', 'node--1-k8s-web--0-eth1')])(
    'writes three annotations on the very pod that was read',
    (ref) => {
      const [request, ...more] = written.write({ ref, next, seen: '323' }, pod());
      expect(more).toEqual([]);
      expect(request).toMatchObject({
        asked: { verb: 'patch', group: '', resource: 'pods/status', namespace: 'prod', name: 'web-0' },
        method: 'PATCH',
        path: '/api/v1/namespaces/prod/pods/web-0/status',
        contentType: 'application/strategic-merge-patch+json',
      });
      expect(JSON.parse(request?.body ?? '')).toEqual({
        metadata: { annotations: NETWORKED, uid: '0eb9aab1-7d3a-4e24-ac70-0a1f5a1b9f30' },
      });
    },
  );

  test.each([
    [404, {}],
    [422, { causes: [{ field: 'metadata.uid' }] }],
  ])('is refused when the pod is gone or replaced: %i', (status, details) => {
    const [request] = written.write({ ref: REF, next, seen: undefined }, pod());
    expect(request?.verdict?.(status, '', details)).toBe('refused');
  });

  test('of a pod that is not there is refused before anything is written', () => {
    expect(() => written.write({ ref: REF, next, seen: undefined }, undefined)).toThrow(
      'pods "web-0" not found on this node',
    );
    expect(() =>
      written.write({ ref: endpointRef('default', 'node1-cni-c1-eth0'), next, seen: undefined }, undefined),
    ).toThrow('operation Create is not supported on WorkloadEndpoint(default/node1-cni-c1-eth0)');
  });
});

describe('a DEL', () => {
  const retract = (given: Given) => written.write({ ref: REF, next: undefined, seen: '323' }, pod(given));
  const bodyOf = (requests: readonly ApiRequest[]) => JSON.parse(requests[0]?.body ?? 'null');

  test('empties the addresses of the pod as it was read and leaves the container named', () => {
    expect(bodyOf(retract({ annotations: NETWORKED }))).toEqual({
      metadata: {
        annotations: { [`${CALICO}podIP`]: '', [`${CALICO}podIPs`]: '' },
        resourceVersion: '323',
        uid: '0eb9aab1-7d3a-4e24-ac70-0a1f5a1b9f30',
      },
    });
  });

  test.each<[string, Given]>([
    ['was retracted', { annotations: RETRACTED }],
    ['was never networked', {}],
  ])('writes nothing on a pod that %s', (_, given) => {
    expect(retract(given)).toEqual([]);
  });

  test('retracts what the kubelet alone has reported', () => {
    expect(retract({ status: REPORTED })).toHaveLength(1);
  });

  test('does nothing for a pod that is gone', () => {
    expect(written.write({ ref: REF, next: undefined, seen: undefined }, undefined)).toEqual([]);
  });

  test.each([
    [404, {}, 'in'],
    [409, {}, 'lost'],
    [422, { causes: [{ field: 'metadata.uid' }] }, 'lost'],
    [422, { causes: [{ field: 'metadata.resourceVersion' }] }, 'lost'],
    [422, { causes: [{ field: 'metadata.annotations' }] }, undefined],
    [500, {}, undefined],
  ])('that is answered %i %j is %s', (status, details, verdict) => {
    expect(retract({ annotations: NETWORKED })[0]?.verdict?.(status, '', details)).toBe(verdict);
  });
});
