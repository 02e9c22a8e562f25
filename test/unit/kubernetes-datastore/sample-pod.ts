import { endpointRef } from '../../../shared/datastore/ref.ts';
import { podAccess } from '../../../shared/kubernetes-datastore/pod-access.ts';
import type { ApiObject } from '../../../shared/kubernetes-datastore/resource-access.ts';

export const CALICO = 'cni.projectcalico.org/';
export const NETWORKED = {
  [`${CALICO}containerID`]: 'beef0001',
  [`${CALICO}podIP`]: '192.168.89.114/32',
  [`${CALICO}podIPs`]: '192.168.89.114/32,fd00::5/128',
};
export const RETRACTED = { ...NETWORKED, [`${CALICO}podIP`]: '', [`${CALICO}podIPs`]: '' };
export const REPORTED = { podIP: '10.0.0.9', podIPs: [{ ip: '10.0.0.9' }, { ip: 'fd00::9' }] };

export interface Given {
  readonly annotations?: object;
  readonly metadata?: object;
  readonly spec?: object;
  readonly status?: object;
}

export const pod = ({ annotations = {}, metadata = {}, spec = {}, status = {} }: Given = {}): ApiObject => ({
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

export const shown = podAccess('shown', {});
export const written = podAccess('written', {});
export const endpointOf = (object: ApiObject, access = shown) => JSON.parse(access.decode(object)?.value ?? 'null');
export const NAME = 'node--1-k8s-web--0-eth0';
export const REF = endpointRef('prod', NAME);
