import { SECRETS } from '../../manifest/cluster-settings.ts';
import { CERTS_MOUNT, CONFINED, datastore, folder, NODE_NAME, TOLERATIONS } from '../../manifest/pod-parts.ts';
import { type MetricsRequest, PORT } from './request.ts';

const WEB = '/web-config';
const NOBODY = 65_534;

/** The pod that reads the datastore. */
export const clusterPod = (request: MetricsRequest, account: string) => ({
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  serviceAccountName: account,
  automountServiceAccountToken: request.datastore === 'kubernetes',
  securityContext: { runAsNonRoot: true, runAsUser: NOBODY, runAsGroup: NOBODY, fsGroup: NOBODY },
  containers: [
    container(request, ['--only=cluster', `--check-every=${request.checkEvery}`, `--grace=${request.grace}`], {
      env: datastore(request.datastore),
      mounts: request.datastore === 'etcd' ? [CERTS_MOUNT] : [],
    }),
  ],
  volumes: [
    ...(request.datastore === 'etcd'
      ? [{ name: 'etcd-certs', secret: { secretName: SECRETS, defaultMode: 0o440 } }]
      : []),
    ...webVolumes(request),
  ],
});

/** The pod of each node: it reads two folders of the node, which belong to root, and asks nobody. */
export const nodePod = (request: MetricsRequest) => ({
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: TOLERATIONS,
  automountServiceAccountToken: false,
  securityContext: { runAsUser: 0 },
  containers: [
    container(request, ['--only=node'], {
      env: [NODE_NAME],
      mounts: [
        { name: 'calls', mountPath: '/var/run/calico', readOnly: true },
        { name: 'calico-data', mountPath: '/var/lib/calico', readOnly: true },
      ],
    }),
  ],
  volumes: [folder('calls', '/var/run/calico'), folder('calico-data', '/var/lib/calico'), ...webVolumes(request)],
});

interface Own {
  readonly env: readonly object[];
  readonly mounts: readonly object[];
}

const container = ({ image, secret }: MetricsRequest, words: readonly string[], { env, mounts }: Own) => ({
  name: 'metrics',
  image,
  command: [
    '/calicoctl',
    'ipam',
    'metrics',
    `--listen=:${PORT}`,
    ...words,
    ...(secret === '' ? [] : [`--web-config-file=${WEB}/web-config.yml`]),
  ],
  env,
  ports: [{ name: 'metrics', containerPort: PORT }],
  readinessProbe: { tcpSocket: { port: 'metrics' }, periodSeconds: 10 },
  resources: { requests: { cpu: '10m', memory: '32Mi' } },
  securityContext: CONFINED,
  volumeMounts: [...mounts, ...(secret === '' ? [] : [{ name: 'web-config', mountPath: WEB, readOnly: true }])],
});

/** What the server needs of the Secret, without the password. */
const SERVED = ['web-config.yml', 'tls.crt', 'tls.key'];

const webVolumes = ({ secret }: MetricsRequest) =>
  secret === ''
    ? []
    : [
        {
          name: 'web-config',
          secret: { secretName: secret, defaultMode: 0o440, items: SERVED.map((key) => ({ key, path: key })) },
        },
      ];
