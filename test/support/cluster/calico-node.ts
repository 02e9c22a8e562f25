import { manifestDocuments } from '../../../ctl/manifest/documents.ts';
import { POD_IMAGE } from './cluster.ts';
import { POD_NETWORK } from './control-plane.ts';

const NAMESPACE = 'kube-system';
const LABELS = { 'k8s-app': 'calico-node' };
const ACCOUNT = 'calico-node';
const RBAC = 'rbac.authorization.k8s.io';

/** As in `calico.yaml`, by which the original's init container installs; here it does nothing. */
const INSTALL_CNI = {
  name: 'install-cni',
  image: POD_IMAGE,
  imagePullPolicy: 'IfNotPresent',
  command: ['/bin/sh', '-c', 'exit 0'],
  env: [
    { name: 'CNI_CONF_NAME', value: '10-calico.conflist' },
    {
      name: 'CNI_NETWORK_CONFIG',
      valueFrom: { configMapKeyRef: { name: 'calico-config', key: 'cni_network_config' } },
    },
    { name: 'KUBERNETES_NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    { name: 'CNI_MTU', valueFrom: { configMapKeyRef: { name: 'calico-config', key: 'veth_mtu' } } },
    { name: 'SLEEP', value: 'false' },
  ],
  volumeMounts: [
    { name: 'cni-bin-dir', mountPath: '/host/opt/cni/bin' },
    { name: 'cni-net-dir', mountPath: '/host/etc/cni/net.d' },
  ],
  securityContext: { privileged: true },
};

/** Where calico/node would run: it tells the plugins the node's name. */
const NODE = {
  name: 'calico-node',
  image: POD_IMAGE,
  imagePullPolicy: 'IfNotPresent',
  command: ['/bin/sh', '-c', 'echo -n node1 > /var/lib/calico/nodename; exec sleep 100000'],
  volumeMounts: [{ name: 'var-lib-calico', mountPath: '/var/lib/calico' }],
};

const folder = (name: string, path: string) => ({ name, hostPath: { path, type: 'DirectoryOrCreate' } });

const DAEMON_SET = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'calico-node', namespace: NAMESPACE },
  spec: {
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        hostNetwork: true,
        tolerations: [{ effect: 'NoSchedule', operator: 'Exists' }],
        serviceAccountName: ACCOUNT,
        terminationGracePeriodSeconds: 0,
        initContainers: [INSTALL_CNI],
        containers: [NODE],
        volumes: [
          folder('cni-bin-dir', '/opt/cni/bin'),
          folder('cni-net-dir', '/etc/cni/net.d'),
          folder('var-lib-calico', '/var/lib/calico'),
        ],
      },
    },
  },
};

const TOKENS = {
  apiGroups: [''],
  resources: ['serviceaccounts/token'],
  resourceNames: ['calico-cni-plugin'],
  verbs: ['create'],
};

/** What `calico.yaml` brings to a cluster, as far as the plugin has to do with it; without the definitions of kinds. */
export const calicoYaml = (): readonly object[] => [
  ...manifestDocuments({
    etcd: undefined,
    pools: [{ from: '', cidr: POD_NETWORK }],
    network: { binFolder: '', netFolder: '', mtu: 0, hostPorts: true, forwarding: false },
    image: '',
    crds: 'none',
    routing: 'none',
  }).filter(({ kind }) => kind !== 'DaemonSet'),
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ACCOUNT, namespace: NAMESPACE } },
  { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name: ACCOUNT }, rules: [TOKENS] },
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: ACCOUNT },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: ACCOUNT },
    subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace: NAMESPACE }],
  },
  DAEMON_SET,
];
