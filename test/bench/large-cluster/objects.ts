import { createHash } from 'node:crypto';
import { objectsOf } from '../../support/kubernetes-datastore/objects.ts';

/** How large a cluster is: nodes have two blocks each, and every block as many pods. */
export interface Size {
  readonly blocks: number;
  readonly pods: number;
}

/** Objects of a kind: how many there are, and one of them as the API server sends it. */
export interface Kind {
  readonly count: number;
  readonly object: (index: number) => object;
}

const GROUP = 'crd.projectcalico.org';
const ADDRESSES = 64;
const NAMESPACES = 100;
const CREATED = '2026-11-21T08:31:18Z';
const { clusterInformation, pool, affinity, handle } = objectsOf(GROUP);

/** Everything that a check of addresses reads, by the path of its list. Nothing is wrong with it. */
export function largeCluster({ blocks, pods }: Size): Readonly<Record<string, Kind>> {
  const each = Math.ceil(pods / blocks);
  const calico = (plural: string) => `/apis/${GROUP}/v1/${plural}`;
  const podOf = (index: number) => ({ index, block: Math.floor(index / each), ordinal: index % each });
  const one = (object: object): Kind => ({ count: 1, object: () => stored(object, 0) });
  return {
    [calico('clusterinformations')]: one(clusterInformation().body),
    [calico('ippools')]: one(pool('big', '10.64.0.0/12').body),
    [calico('blockaffinities')]: {
      count: blocks,
      object: (index) => stored(affinity(nodeName(index), cidrOf(index)).body, index),
    },
    [calico('ipamblocks')]: { count: blocks, object: (index) => stored(block(index, each), index) },
    [calico('ipamhandles')]: {
      count: pods,
      object: (index) => stored(handle(handleOf(index), { [cidrOf(podOf(index).block)]: 1 }).body, index),
    },
    '/api/v1/nodes': { count: Math.ceil(blocks / 2), object: (index) => stored(node(index), index) },
    '/api/v1/namespaces': {
      count: NAMESPACES,
      object: (index) => stored({ metadata: { name: `team-${index}` } }, index),
    },
    '/api/v1/serviceaccounts': {
      count: NAMESPACES,
      object: (index) => stored({ metadata: { name: 'default', namespace: `team-${index}` } }, index),
    },
    '/api/v1/pods': { count: pods, object: (index) => stored(pod(podOf(index)), index) },
  };
}

interface Placed {
  readonly index: number;
  readonly block: number;
  readonly ordinal: number;
}

const addressOf = (number: number): string =>
  [24, 16, 8, 0].map((shift) => ((0x0a400000 + number) >>> shift) & 0xff).join('.');
const cidrOf = (block: number): string => `${addressOf(block * ADDRESSES)}/26`;
const nodeName = (block: number): string => `worker-${String(Math.floor(block / 2)).padStart(5, '0')}`;
const containerOf = (index: number): string => createHash('sha256').update(String(index)).digest('hex');
const handleOf = (index: number): string => `k8s-pod-network.${containerOf(index)}`;
const namespaceOf = (index: number): string => `team-${index % NAMESPACES}`;
const podName = (index: number): string => `checkout-cart-7c9d8b5f4d-${index.toString(36).padStart(5, 'x')}`;

/** An object with what the server adds. */
function stored(object: object, index: number): object {
  const { metadata = {} } = object as { readonly metadata?: object };
  const fields = {
    'f:metadata': { 'f:annotations': { '.': {}, 'f:projectcalico.org/metadata': {} } },
    'f:spec': { '.': {} },
  };
  const managedFields = [
    { manager: 'calico', operation: 'Update', time: CREATED, fieldsType: 'FieldsV1', fieldsV1: fields },
  ];
  const uid = `8c1f4b3a-8a6e-4d0b-9e51-${index.toString(16).padStart(12, '0')}`;
  const added = {
    uid,
    resourceVersion: String(100_000 + index),
    creationTimestamp: CREATED,
    generation: 1,
    managedFields,
  };
  return { ...object, metadata: { ...metadata, ...added } };
}

function block(index: number, each: number): object {
  const used = Array.from({ length: each }, (_, ordinal) => ordinal);
  const attributes = used.map((ordinal) => {
    const owner = index * each + ordinal;
    const secondary = { namespace: namespaceOf(owner), node: nodeName(index), pod: podName(owner), timestamp: STAMP };
    return { handle_id: handleOf(owner), secondary };
  });
  const allocations = Array.from({ length: ADDRESSES }, (_, ordinal) => (ordinal < each ? ordinal : null));
  const first = objectsOf(GROUP).block(cidrOf(index), { node: nodeName(index) }).body;
  const spec = {
    ...first.spec,
    allocations,
    unallocated: Array.from({ length: ADDRESSES - each }, (_, at) => at + each),
    attributes,
    // As large as in reality, but exact in a double.
    sequenceNumber: 1_795_828_861_775_729,
    sequenceNumberForAllocation: Object.fromEntries(used.map((ordinal) => [ordinal, 1_795_828_861_775_000 + ordinal])),
  };
  return { ...first, spec };
}

const STAMP = '2026-11-21 08:31:18.35522638 +0000 UTC';

const node = (index: number): object => ({
  metadata: {
    name: nodeName(2 * index),
    labels: {
      'kubernetes.io/hostname': nodeName(2 * index),
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
    },
    annotations: { 'projectcalico.org/IPv4Address': '10.0.0.1/24' },
  },
  spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'] },
  status: {
    addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
    images: Array.from({ length: 30 }, (_, image) => ({
      names: [`registry.example/team/service-${image}@sha256:${containerOf(image)}`],
      sizeBytes: 123_456_789,
    })),
  },
});

function pod({ index, block: at, ordinal }: Placed): object {
  const address = addressOf(at * ADDRESSES + ordinal);
  const name = podName(index);
  return {
    metadata: {
      name,
      generateName: 'checkout-cart-7c9d8b5f4d-',
      namespace: namespaceOf(index),
      labels: { app: 'cart', 'pod-template-hash': '7c9d8b5f4d', tier: 'backend' },
      annotations: {
        'cni.projectcalico.org/containerID': containerOf(index),
        'cni.projectcalico.org/podIP': `${address}/32`,
        'cni.projectcalico.org/podIPs': `${address}/32`,
      },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'checkout-cart-7c9d8b5f4d', uid: UID, controller: true },
      ],
    },
    spec: { nodeName: nodeName(at), serviceAccountName: 'default', ...POD_SPEC },
    status: {
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      hostIP: '10.0.0.1',
      conditions: CONDITIONS,
      containerStatuses: [
        {
          name: 'main',
          ready: true,
          containerID: `containerd://${containerOf(index)}`,
          state: { running: { startedAt: CREATED } },
        },
      ],
    },
  };
}

const UID = '5e0f3cb1-54f5-4f0a-8d1d-6e4b0a2f9c11';
const CONDITIONS = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(
  (type) => ({
    type,
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: CREATED,
  }),
);

const probe = (path: string) => ({
  httpGet: { path, port: 'http', scheme: 'HTTP' },
  timeoutSeconds: 1,
  periodSeconds: 10,
});

/** What most pods have, and a check does not read. */
const POD_SPEC = {
  containers: [
    {
      name: 'main',
      image: 'registry.example/checkout/cart:1.42.0',
      ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
      env: Array.from({ length: 20 }, (_, at) => ({ name: `SETTING_${at}`, value: `the value of setting ${at}` })),
      resources: { limits: { cpu: '1', memory: '512Mi' }, requests: { cpu: '100m', memory: '256Mi' } },
      volumeMounts: [
        { name: 'kube-api-access', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
      ],
      livenessProbe: probe('/alive'),
      readinessProbe: probe('/ready'),
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: 'IfNotPresent',
    },
  ],
  volumes: [
    {
      name: 'kube-api-access',
      projected: { sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }], defaultMode: 420 },
    },
  ],
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  securityContext: {},
  schedulerName: 'default-scheduler',
  tolerations: [
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
  ],
  priority: 0,
  enableServiceLinks: true,
  preemptionPolicy: 'PreemptLowerPriority',
};
