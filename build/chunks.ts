/**
 * The parts of the product that are loaded separately, each a file. A source goes into the first part that names it, with
 * everything it imports that no earlier part has: so a part only needs those before it. A name with a slash at its end is a
 * folder. What no part names is in the part that loads it.
 */
export const PARTS: readonly (readonly [name: string, sources: readonly string[]])[] = [
  // What every call loads, and all that VERSION needs.
  ['calico', ['plugins/dispatch.ts']],
  // What nearly every other call needs, whatever its verb and datastore.
  [
    'call',
    [
      'ipam/verbs/check.ts',
      'ipam/verbs/del.ts',
      'plugins/verbs/check.ts',
      'plugins/verbs/del.ts',
      'shared/calico/resource-kind.ts',
      'shared/calico/workload-endpoint.ts',
      'shared/cni/chain.ts',
      'shared/grpc/',
      'shared/http2/',
      'shared/kubernetes/pod-annotations.ts',
      'shared/kubernetes/pod-ports.ts',
      'shared/kubernetes/pod-profiles.ts',
      'shared/kubernetes/qos.ts',
    ],
  ],
  ['etcd', ['shared/call/open-etcd.ts']],
  ['kubernetes', ['shared/kubernetes/client.ts', 'shared/kubernetes/configuration.ts']],
  ['kubernetes-datastore', ['shared/call/open-kubernetes.ts']],
  ['add', ['ipam/verbs/add.ts', 'ipam/verbs/status.ts', 'plugins/verbs/add.ts', 'plugins/verbs/status.ts']],
  ['etcd-feed', ['shared/etcd/feed.ts']],
  ['kubernetes-feed', ['shared/kubernetes-datastore/feed.ts']],
  ['take-over', ['plugins/call/take-over.ts']],
  ['gc', ['ipam/verbs/gc.ts', 'plugins/verbs/gc.ts']],
  ['virtual-machine', ['ipam/call/leave-machine.ts', 'ipam/call/virtual-machine.ts']],
  ['grpc-dataplane', ['plugins/grpc/dataplane.ts']],
  ['call-counts', ['shared/call-counts/add-up.ts']],
  ['datastore-test', ['plugins/verbs/datastore-test.ts']],
  ['yaml', ['node_modules/yaml/', 'shared/kubernetes/full-yaml.ts']],
  ['calicoctl', ['ctl/main.ts']],
  ['node', ['node/main.ts', 'ctl/install/network-programs.ts']],
  ['node-diags', ['node/checksystem/', 'node/diags/']],
  ['calico-install-probe', ['ctl/install/main.ts']],
  ['metrics', ['ctl/metrics/print.ts']],
  ['manifest', ['ctl/manifest/manifest.ts']],
  ['metrics-manifest', ['ctl/metrics/manifest/']],
  ['calico-install', ['ctl/install/commands.ts']],
];
