import { describe, expect, test } from 'vitest';
import { endpointRef } from '../../../shared/datastore/ref.ts';
import type { ApiRequest } from '../../../shared/kubernetes-datastore/resource-access.ts';
import { CALICO, type Given, NETWORKED, pod, REF, REPORTED, RETRACTED, written } from './sample-pod.ts';

describe('an ADD', () => {
  const next = JSON.stringify({ spec: { containerID: 'beef0001', ipNetworks: ['192.168.89.114/32', 'fd00::5/128'] } });

  test.each([REF, endpointRef('prod', 'node--1-k8s-web--0-eth1')])(
    'writes three annotations to exactly the pod that was read',
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
  ])('is refused when the pod was deleted or replaced: %i', (status, details) => {
    const [request] = written.write({ ref: REF, next, seen: undefined }, pod());
    expect(request?.verdict?.(status, '', details)).toBe('refused');
  });

  test('of a missing pod is refused before anything is written', () => {
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

  test('removes the addresses from the pod version that was read and keeps the container ID', () => {
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
  ])('writes nothing to a pod that %s', (_, given) => {
    expect(retract(given)).toEqual([]);
  });

  test('removes addresses that only the kubelet has reported', () => {
    expect(retract({ status: REPORTED })).toHaveLength(1);
  });

  test('does nothing for a deleted pod', () => {
    expect(written.write({ ref: REF, next: undefined, seen: undefined }, undefined)).toEqual([]);
  });

  test.each([
    [404, {}, 'in'],
    [409, {}, 'lost'],
    [422, { causes: [{ field: 'metadata.uid' }] }, 'lost'],
    [422, { causes: [{ field: 'metadata.resourceVersion' }] }, 'lost'],
    [422, { causes: [{ field: 'metadata.annotations' }] }, undefined],
    [500, {}, undefined],
  ])('with the answer %i %j is %s', (status, details, verdict) => {
    expect(retract({ annotations: NETWORKED })[0]?.verdict?.(status, '', details)).toBe(verdict);
  });
});
