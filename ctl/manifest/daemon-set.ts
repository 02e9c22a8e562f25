import { sha256 } from '../../shared/bytes/hash.ts';
import { INSTALLER_ACCOUNT } from './access.ts';
import { CONFIG, POOLS_KEY, SECRETS } from './cluster-settings.ts';
import { type KubernetesObject, LABELS, NAMESPACE } from './kubernetes-object.ts';
import {
  CERTS_MOUNT,
  datastore,
  folder,
  fromConfig,
  NODE_NAME,
  probes,
  SECURITY,
  TOLERATIONS,
  value,
} from './pod-parts.ts';
import type { ManifestRequest } from './request.ts';
import { router, routerVolumes } from './router.ts';

const NAME = 'calico-cni';
const INSTALL = '/calico-install';
/** Where it notes how it is doing; the rest of its file system is read-only. */
const STATE = '/run/calico-install';
const POOLS = '/calico-pools';

/** The annotation by which pods are replaced when the settings change: they read them when they start. */
const SETTINGS = 'projectcalico.org/settings';

/** The pods, one per node, that install and keep what they installed as it should be. */
export function daemonSet(request: ManifestRequest, settings: readonly KubernetesObject[]): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
    spec: {
      selector: { matchLabels: LABELS },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      template: {
        metadata: { labels: LABELS, annotations: { [SETTINGS]: sha256(JSON.stringify(settings)) } },
        spec: podSpec(request),
      },
    },
  };
}

const podSpec = (request: ManifestRequest) => ({
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  // Pods have no network before it has done its work.
  hostNetwork: true,
  tolerations: TOLERATIONS,
  priorityClassName: 'system-node-critical',
  serviceAccountName: INSTALLER_ACCOUNT,
  terminationGracePeriodSeconds: 5,
  ...(request.etcd === undefined ? {} : { initContainers: etcdSetUp(request) }),
  containers: [installer(request), ...router(request)],
  volumes: volumesOf(request),
});

function installer({ etcd, image, network: { binFolder, netFolder } }: ManifestRequest) {
  return {
    name: 'calico-install',
    image,
    command: [INSTALL, '--watch'],
    env: [
      NODE_NAME,
      value('DATASTORE_TYPE', etcd === undefined ? 'kubernetes' : 'etcdv3'),
      ...(etcd === undefined ? [] : [fromConfig('ETCD_ENDPOINTS', 'etcd_endpoints')]),
      fromConfig('CNI_NETWORK_CONFIG', 'cni_network_config'),
      fromConfig('CNI_MTU', 'veth_mtu'),
      value('CNI_CONF_NAME', '10-calico.conflist'),
      value('CNI_BIN_DIR', binFolder),
      value('CNI_NET_DIR', netFolder),
    ],
    resources: { requests: { cpu: '5m', memory: '16Mi' } },
    securityContext: SECURITY,
    ...probes(INSTALL),
    volumeMounts: [
      { name: 'cni-bin-dir', mountPath: '/host/opt/cni/bin' },
      { name: 'cni-net-dir', mountPath: '/host/etc/cni/net.d' },
      { name: 'calico-data', mountPath: '/host/var/lib/calico' },
      { name: 'state', mountPath: STATE },
      ...(etcd === undefined ? [] : [CERTS_MOUNT]),
    ],
  };
}

/** With etcd, each node makes its own Node resource, and the pools unless they exist. */
function etcdSetUp({ image, pools }: ManifestRequest) {
  const run = (name: string, ...words: readonly string[]) => ({
    name,
    image,
    command: ['/calicoctl', ...words],
    env: [NODE_NAME, ...datastore('etcd')],
    securityContext: SECURITY,
    volumeMounts: [
      { name: 'calico-data', mountPath: '/var/lib/calico' },
      CERTS_MOUNT,
      { name: 'pools', mountPath: POOLS, readOnly: true },
    ],
  });
  const makePools = run('make-pools', 'create', '--skip-exists', `--filename=${POOLS}/${POOLS_KEY}`);
  return [run('init-node', 'init', '--node=$(KUBERNETES_NODE_NAME)'), ...(pools.length === 0 ? [] : [makePools])];
}

function volumesOf(request: ManifestRequest) {
  const { etcd, network } = request;
  const forEtcd = [
    { name: 'etcd-certs', secret: { secretName: SECRETS, defaultMode: 0o400 } },
    { name: 'pools', configMap: { name: CONFIG, items: [{ key: POOLS_KEY, path: POOLS_KEY }] } },
  ];
  return [
    folder('cni-bin-dir', network.binFolder),
    folder('cni-net-dir', network.netFolder),
    folder('calico-data', '/var/lib/calico'),
    { name: 'state', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    ...(etcd === undefined ? [] : forEtcd),
    ...routerVolumes(request),
  ];
}
