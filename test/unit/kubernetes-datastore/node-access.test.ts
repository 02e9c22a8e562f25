import { describe, expect, test } from 'vitest';
import { nodeRef } from '../../../shared/datastore/ref.ts';
import { nodeAccess } from '../../../shared/kubernetes-datastore/node-access.ts';

const ANNOTATIONS = {
  'projectcalico.org/IPv4Address': '172.18.0.2/16',
  'projectcalico.org/IPv6Address': 'fc00::2/64',
  'projectcalico.org/ASNumber': '64512',
  'projectcalico.org/IPv4IPIPTunnelAddr': '192.168.89.65',
  'projectcalico.org/IPv4VXLANTunnelAddr': '192.168.89.64',
  'projectcalico.org/VXLANTunnelMACAddr': '66:00:00:00:00:01',
  'projectcalico.org/IPv6VXLANTunnelAddr': 'rubbish',
  'projectcalico.org/WireguardPublicKey': 'a2V5',
  'projectcalico.org/labels': '{"rack":"r1","zone":"old"}',
  'projectcalico.org/annotations': '{"note":"x"}',
  'example.com/other': 'y',
};

const node = (annotations: object = ANNOTATIONS) => ({
  metadata: {
    name: 'node1',
    uid: 'u1',
    resourceVersion: '77',
    creationTimestamp: '2026-11-28T01:00:00Z',
    labels: { zone: 'z1', 'kubernetes.io/os': 'linux' },
    annotations,
  },
  spec: { podCIDRs: ['10.244.0.0/24'] },
  status: {
    addresses: [
      { type: 'InternalIP', address: '172.18.0.2' },
      { type: 'Hostname', address: 'node1' },
      { type: 'ExternalIP', address: '1.2.3.4' },
    ],
  },
});

describe('a node of Kubernetes', () => {
  test('is a Calico Node by its annotations and the labels of both', () => {
    const entry = nodeAccess.decode(node());
    expect(entry).toMatchObject({ ref: nodeRef('node1'), at: 'nodes/node1', version: '77' });
    expect(JSON.parse(entry?.value ?? '')).toEqual({
      kind: 'Node',
      apiVersion: 'projectcalico.org/v3',
      metadata: {
        name: 'node1',
        uid: 'u1',
        creationTimestamp: '2026-11-28T01:00:00Z',
        labels: { 'kubernetes.io/os': 'linux', rack: 'r1', zone: 'z1' },
        annotations: { note: 'x', 'projectcalico.org/kube-labels': '{"kubernetes.io/os":"linux","zone":"z1"}' },
      },
      spec: {
        bgp: {
          asNumber: 64512,
          ipv4Address: '172.18.0.2/16',
          ipv6Address: 'fc00::2/64',
          ipv4IPIPTunnelAddr: '192.168.89.65',
        },
        ipv4VXLANTunnelAddr: '192.168.89.64',
        vxlanTunnelMACAddr: '66:00:00:00:00:01',
        orchRefs: [{ nodeName: 'node1', orchestrator: 'k8s' }],
        addresses: [
          { address: '172.18.0.2/16', type: 'CalicoNodeIP' },
          { address: 'fc00::2/64', type: 'CalicoNodeIP' },
          { address: '172.18.0.2', type: 'InternalIP' },
          { address: '1.2.3.4', type: 'ExternalIP' },
        ],
      },
      status: { wireguardPublicKey: 'a2V5', podCIDRs: ['10.244.0.0/24'] },
    });
  });

  test.each([
    ['1.10', 65_546],
    ['4294967295', 4_294_967_295],
    ['4294967296', undefined],
    ['x', undefined],
  ])('of AS %s has number %s', (text, number) => {
    const { value = '' } = nodeAccess.decode(node({ 'projectcalico.org/ASNumber': text })) ?? {};
    expect(JSON.parse(value).spec.bgp?.asNumber).toBe(number);
  });

  test('with Calico’s maps in no form that can be read is read without them', () => {
    const { value = '' } =
      nodeAccess.decode(node({ 'projectcalico.org/labels': '{', 'projectcalico.org/annotations': '3' })) ?? {};
    expect(JSON.parse(value).metadata.labels).toEqual({ 'kubernetes.io/os': 'linux', zone: 'z1' });
  });

  test('that is written back unchanged keeps its annotations, but for those that could not be read', () => {
    const { value = '' } = nodeAccess.decode(node()) ?? {};
    const [request] = nodeAccess.write({ ref: nodeRef('node1'), next: value, seen: '77' }, node());
    expect(request).toMatchObject({ method: 'PUT', path: '/api/v1/nodes/node1/status' });
    const { 'projectcalico.org/IPv6VXLANTunnelAddr': _, ...kept } = ANNOTATIONS;
    expect(JSON.parse(request?.body ?? '')).toEqual({
      ...node(),
      metadata: { ...node().metadata, annotations: { ...kept, 'projectcalico.org/labels': '{"rack":"r1"}' } },
    });
  });

  test('takes what is changed and drops what is left out', () => {
    const next = JSON.stringify({
      metadata: { name: 'node1', labels: { rack: 'r2' } },
      spec: { bgp: { asNumber: 1 } },
    });
    const [request] = nodeAccess.write({ ref: nodeRef('node1'), next, seen: '77' }, node());
    expect(JSON.parse(request?.body ?? '').metadata.annotations).toEqual({
      'example.com/other': 'y',
      'projectcalico.org/ASNumber': '1',
      'projectcalico.org/labels': '{"rack":"r2"}',
      'projectcalico.org/annotations': '{}',
    });
  });

  test('is neither made nor deleted', () => {
    const ref = nodeRef('node1');
    expect(() => nodeAccess.write({ ref, next: '{}', seen: undefined }, undefined)).toThrow(
      'operation Create is not supported on Node(node1)',
    );
    expect(() => nodeAccess.write({ ref, next: undefined, seen: '77' }, node())).toThrow(
      'operation Delete is not supported on Node(node1)',
    );
  });
});
