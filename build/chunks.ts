type Part = readonly [name: string, sources: readonly string[]];

/**
 * Parts that are loaded when one of their functions is called for the first time, though the sources that call it import it as
 * usual: what most ADDs do not need. They have these sources alone, and export nothing but functions. What has to work when memory
 * has run out is in none of them.
 */
export const LATE_PARTS: readonly Part[] = [
  [
    'fixed-address',
    [
      'ipam/allocate/assign-member.ts',
      'ipam/allocate/fixed.ts',
      'ipam/allocate/machine.ts',
      'ipam/allocate/member-choice.ts',
      'ipam/allocate/member-refusal.ts',
      'ipam/group/choice.ts',
      'ipam/group/read-group.ts',
      'ipam/group/stretch.ts',
      'ipam/release/release-address.ts',
      'plugins/kubernetes/annotated-addresses.ts',
    ],
  ],
  [
    'new-block',
    ['ipam/allocate/borrow.ts', 'ipam/allocate/claim.ts', 'ipam/allocate/shortage.ts', 'ipam/allocate/start-block.ts'],
  ],
  [
    'etcd-search',
    [
      'shared/etcd/discover.ts',
      'shared/etcd/free-blocks.ts',
      'shared/etcd/login.ts',
      'shared/etcd/parents.ts',
      'shared/etcd/refusal.ts',
      'shared/etcd/used-blocks.ts',
      'shared/etcd/walk.ts',
      'shared/etcd/windows.ts',
    ],
  ],
  [
    'release',
    [
      'ipam/journal/release-or-journal.ts',
      'ipam/release/give-back.ts',
      'ipam/release/release.ts',
      'ipam/verbs/del.ts',
      'plugins/call/ownership.ts',
      'plugins/call/release-endpoint.ts',
      'plugins/decide/del-decision.ts',
      'plugins/linux/container-interface.ts',
      'plugins/linux/removal.ts',
      'plugins/linux/remove-container-end.ts',
      'plugins/verbs/del.ts',
    ],
  ],
  [
    'inspection',
    [
      'ipam/block/missing-addresses.ts',
      'ipam/verbs/check.ts',
      'plugins/linux/pair-check.ts',
      'plugins/linux/route-check.ts',
      'plugins/verbs/check.ts',
      'shared/cni/result-read.ts',
    ],
  ],
  ['journal-entry', ['ipam/journal/journal-entry.ts']],
  ['selector', ['shared/calico/selector-term.ts', 'shared/calico/selector.ts']],
  ['delegate', ['shared/cni/delegate.ts', 'shared/system/exec.ts']],
  ['add-by-ipam', ['ipam/verbs/add.ts', 'plugins/call/reserve.ts']],
  ['status', ['ipam/verbs/status.ts', 'plugins/verbs/status.ts']],
  [
    'conflict',
    [
      'plugins/decide/kubernetes-datastore.ts',
      'plugins/decide/veth-owner.ts',
      'plugins/linux/netkit.ts',
      'plugins/linux/route-conflict.ts',
      'plugins/linux/step-command.ts',
      'plugins/linux/traffic.ts',
    ],
  ],
];

/**
 * The parts of the product that are loaded separately, each a file. A source goes into the first part that names it, with
 * everything it imports that no earlier part has: so a part only needs those before it. A name with a slash at its end is a
 * folder. What no part names is in the part that loads it.
 */
export const PARTS: readonly Part[] = [
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
