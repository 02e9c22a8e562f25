import { account, binding, role, rule } from '../../manifest/access.ts';
import { GROUP } from '../../manifest/definitions.ts';
import { type KubernetesObject, NAMESPACE } from '../../manifest/kubernetes-object.ts';
import { clusterPod, nodePod } from './pods.ts';
import { type MetricsRequest, PORT } from './request.ts';

const NAME = 'calico-metrics';
const LABELS = { 'k8s-app': NAME };

/** What a reading needs, and no more: it changes nothing. */
const READS = [
  rule('', ['namespaces', 'nodes', 'pods', 'serviceaccounts'], ['list']),
  rule(GROUP, ['clusterinformations', 'ipamconfigs'], ['get', 'list']),
  rule(GROUP, ['blockaffinities', 'ipamblocks', 'ipamhandles', 'ippools', 'ipreservations'], ['list']),
  // In clusters without virtual machines the group does not exist.
  rule('kubevirt.io', ['virtualmachineinstances', 'virtualmachines'], ['list']),
];

/** Everything to be applied: one pod for the figures of the cluster, one on each node for its calls, and how Prometheus finds them. */
export function metricsDocuments(request: MetricsRequest): readonly KubernetesObject[] {
  const access = request.datastore === 'etcd' ? [] : [role('ClusterRole', NAME, READS), binding('ClusterRole', NAME)];
  return [account(NAME), ...access, deployment(request), daemonSet(request), service(), monitor(request)];
}

const selected = (part: string) => ({ ...LABELS, part });

function deployment(request: MetricsRequest): KubernetesObject {
  const labels = selected('cluster');
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: NAME, namespace: NAMESPACE, labels },
    spec: {
      replicas: 1,
      // Two would count the same addresses twice.
      strategy: { type: 'Recreate' },
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: clusterPod(request, NAME) },
    },
  };
}

function daemonSet(request: MetricsRequest): KubernetesObject {
  const labels = selected('node');
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: `${NAME}-node`, namespace: NAMESPACE, labels },
    spec: {
      selector: { matchLabels: labels },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
      template: { metadata: { labels }, spec: nodePod(request) },
    },
  };
}

const service = (): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
  spec: { clusterIP: 'None', selector: LABELS, ports: [{ name: 'metrics', port: PORT, targetPort: 'metrics' }] },
});

/** For the Prometheus operator. The Secret has what it needs, under the names of cert-manager's keys and basic authentication's. */
function monitor({ secret }: MetricsRequest): KubernetesObject {
  const of = (key: string) => ({ name: secret, key });
  const secured = {
    scheme: 'https',
    tlsConfig: { ca: { secret: of('ca.crt') }, serverName: `${NAME}.${NAMESPACE}.svc` },
    basicAuth: { username: of('username'), password: of('password') },
  };
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
    spec: {
      selector: { matchLabels: LABELS },
      namespaceSelector: { matchNames: [NAMESPACE] },
      endpoints: [{ port: 'metrics', interval: '30s', scrapeTimeout: '15s', ...(secret === '' ? {} : secured) }],
    },
  };
}
