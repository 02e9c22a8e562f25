import { ASSETS, CONFIG } from './cluster-settings.ts';

export const value = (name: string, given: string) => ({ name, value: given });

/** A variable from the ConfigMap. */
export const fromConfig = (name: string, key: string) => ({
  name,
  valueFrom: { configMapKeyRef: { name: CONFIG, key } },
});

const nodeNameAs = (name: string) => ({ name, valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } });
export const NODE_NAME = nodeNameAs('KUBERNETES_NODE_NAME');
export const NODENAME = nodeNameAs('NODENAME');

/** Variables by which the datastore is found. */
export const datastore = (type: 'kubernetes' | 'etcd') =>
  type === 'kubernetes'
    ? [value('DATASTORE_TYPE', 'kubernetes')]
    : [
        value('DATASTORE_TYPE', 'etcdv3'),
        fromConfig('ETCD_ENDPOINTS', 'etcd_endpoints'),
        fromConfig('ETCD_CA_CERT_FILE', 'etcd_ca'),
        fromConfig('ETCD_CERT_FILE', 'etcd_cert'),
        fromConfig('ETCD_KEY_FILE', 'etcd_key'),
      ];

/** etcd's certificates and key, from the volume of this name. */
export const CERTS_MOUNT = { name: 'etcd-certs', mountPath: ASSETS, readOnly: true };

/** Also on tainted nodes. */
export const TOLERATIONS = [
  { key: 'CriticalAddonsOnly', operator: 'Exists' },
  { effect: 'NoSchedule', operator: 'Exists' },
  { effect: 'NoExecute', operator: 'Exists' },
];

export const CONFINED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};
export const SECURITY = { runAsUser: 0, ...CONFINED };

/** Probes that ask a program how it is doing. */
export function probes(...words: readonly string[]) {
  const probe = (question: string) => ({
    exec: { command: [...words, question] },
    periodSeconds: 10,
    timeoutSeconds: 5,
    failureThreshold: 3,
  });
  return {
    readinessProbe: { ...probe('--ready'), initialDelaySeconds: 1 },
    livenessProbe: { ...probe('--live'), initialDelaySeconds: 10, periodSeconds: 30 },
  };
}

/** A folder of the node. */
export const folder = (name: string, path: string, type = 'DirectoryOrCreate') => ({ name, hostPath: { path, type } });
