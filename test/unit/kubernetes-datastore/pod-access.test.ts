import { describe, expect, test } from 'vitest';
import { readJson } from '../../../shared/bytes/json.ts';
import { endpointsOf } from '../../../shared/datastore/query.ts';
import { endpointRef, nodeRef } from '../../../shared/datastore/ref.ts';
import { podAccess } from '../../../shared/kubernetes-datastore/pod-access.ts';
import type { ApiObject } from '../../../shared/kubernetes-datastore/resource-access.ts';
import {
  CALICO,
  endpointOf,
  type Given,
  NAME,
  NETWORKED,
  pod,
  REF,
  REPORTED,
  RETRACTED,
  shown,
  written,
} from './sample-pod.ts';

describe('a pod as Calico shows it', () => {
  test('does not depend on what long lists leave out', () => {
    const ports = [{ name: 'http', containerPort: 8080, protocol: 'TCP' }];
    const container = { name: 'main', image: 'i', env: [{ name: 'A' }], command: ['c'], livenessProbe: {} };
    const whole = pod({
      annotations: NETWORKED,
      metadata: { managedFields: [{}], ownerReferences: [{}] },
      spec: { containers: [{ ...container, ports }], initContainers: [{ ...container, ports }], volumes: [{}] },
      status: { ...REPORTED, conditions: [{}], containerStatuses: [{}] },
    });
    const { items } = readJson(JSON.stringify({ items: [whole] }), shown.leaveOut) as { items: [ApiObject] };
    expect(items[0]['spec']).toMatchObject({ containers: [{ name: 'main', ports }] });
    expect(JSON.stringify(items)).not.toMatch(/"(?:env|image|command|livenessProbe|volumes|conditions|managedFields)"/);
    expect(shown.decode(items[0])).toEqual(shown.decode(whole));
  });

  test('is a WorkloadEndpoint with the fields stored in etcd', () => {
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
      'those that the kubelet reports, before any annotation',
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
    ['none when none are known', {}, []],
    [
      'those that the kubelet reports of a deleted sandbox',
      { annotations: RETRACTED, status: REPORTED },
      ['10.0.0.9/32', 'fd00::9/128'],
    ],
    ['none once it has succeeded', { annotations: NETWORKED, status: { ...REPORTED, phase: 'Succeeded' } }, []],
    ['none once it has failed', { annotations: NETWORKED, status: { phase: 'Failed' } }, []],
    [
      'none once it is deleted and its addresses removed',
      { annotations: RETRACTED, status: REPORTED, metadata: { deletionTimestamp: '2026-11-28T01:30:00Z' } },
      [],
    ],
    [
      'all while it is being deleted',
      { annotations: NETWORKED, metadata: { deletionTimestamp: '2026-11-28T01:30:00Z' } },
      ['192.168.89.114/32', 'fd00::5/128'],
    ],
  ])('has as addresses %s', (_, given, expected) => {
    // Calico leaves out the field when it is empty.
    expect(endpointOf(pod(given)).spec.ipNetworks).toEqual(expected.length === 0 ? undefined : expected);
  });

  test('has ports, floating addresses, source prefixes, limits and the network status', () => {
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

  test('has no NAT for a family without an address', () => {
    const annotations = { [`${CALICO}podIP`]: '10.0.0.7/32', [`${CALICO}floatingIPs`]: '["2001:db8::1"]' };
    expect(endpointOf(pod({ annotations })).spec.ipNATs).toBeUndefined();
  });

  test.each(['allowedSourcePrefixes', 'floatingIPs'])('cannot be shown with an invalid %s', (name) => {
    expect(() => shown.decode(pod({ annotations: { [CALICO + name]: '["x"]' } }))).toThrow();
  });

  test('is not an endpoint on the host’s network, or before it is scheduled', () => {
    expect(shown.decode(pod({ spec: { hostNetwork: true } }))).toBeUndefined();
    expect(shown.decode(pod({ spec: { nodeName: '' } }))).toBeUndefined();
  });

  test('has the interface name prefix of FELIX_INTERFACEPREFIX', () => {
    const { value = '' } = podAccess('shown', { FELIX_INTERFACEPREFIX: 'net,cali' }).decode(pod()) ?? {};
    expect(JSON.parse(value).spec.interfaceName).toBe('netaa960f0d82e');
  });
});

describe('a pod as the plugin has written it', () => {
  test('has the written addresses, even if the kubelet still reports others', () => {
    const { containerID, ipNetworks } = endpointOf(pod({ annotations: NETWORKED, status: REPORTED }), written).spec;
    expect({ containerID, ipNetworks }).toEqual({
      containerID: 'beef0001',
      ipNetworks: ['192.168.89.114/32', 'fd00::5/128'],
    });
  });

  test.each([
    ['was never networked', {}],
    ['was retracted', RETRACTED],
  ])('belongs to no container when it %s', (_, annotations) => {
    const { containerID, ipNetworks } = endpointOf(pod({ annotations, status: REPORTED }), written).spec;
    expect({ containerID, ipNetworks }).toEqual({ containerID: undefined, ipNetworks: [] });
  });

  test('is read even with invalid annotations: a DEL must find it', () => {
    const annotations = { ...NETWORKED, [`${CALICO}floatingIPs`]: 'x', [`${CALICO}allowedSourcePrefixes`]: 'y' };
    expect(endpointOf(pod({ annotations }), written).spec.containerID).toBe('beef0001');
  });
});

describe('an endpoint is read', () => {
  const GET = { method: 'GET', path: '/api/v1/namespaces/prod/pods/web-0' };

  test('from its pod, whatever its interface', () => {
    expect(shown.get(REF)).toMatchObject(GET);
    expect(shown.get(endpointRef('prod', 'node--1-k8s-web--0-eth1'))).toMatchObject(GET);
  });

  test('from the pod that its prefix names: a plugin may not list pods', () => {
    const { requests } = written.list(endpointsOf('prod', 'node--1-k8s-web--0-'));
    expect(requests).toMatchObject([
      { ...GET, asked: { verb: 'get', resource: 'pods', namespace: 'prod', name: 'web-0' } },
    ]);
  });

  test('without a request when it cannot be a pod', () => {
    expect(shown.get(endpointRef('prod', 'node1-cni-c1-eth0'))).toBeUndefined();
    expect(shown.get(endpointRef('prod', 'web-0'))).toBeUndefined();
    expect(shown.get(nodeRef('node1'))).toBeUndefined();
  });

  test.each(['node1-cni-e1-', 'node1-cni-'])('without a request when it is another orchestrator’s: %s', (prefix) => {
    expect(written.list(endpointsOf('default', prefix))).toEqual({ requests: [] });
  });

  test.each(['node1-', 'node1-k8s-', 'no', ''])('from the pods of its namespace for the prefix %j', (prefix) => {
    expect(written.list(endpointsOf('prod', prefix)).requests).toMatchObject([
      { path: '/api/v1/namespaces/prod/pods' },
    ]);
  });

  test('from all pods, or those of a namespace', () => {
    expect(shown.list({ all: 'WorkloadEndpoint' }).requests.map(({ path }) => path)).toEqual(['/api/v1/pods']);
    expect(shown.list({ all: 'WorkloadEndpoint', namespace: 'prod' }).requests.map(({ path }) => path)).toEqual([
      '/api/v1/namespaces/prod/pods',
    ]);
  });
});
