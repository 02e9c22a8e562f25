import { GROUP } from './definitions.ts';
import { type KubernetesObject, NAMESPACE } from './kubernetes-object.ts';
import type { NodeNetwork } from './request.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** The account whose token the plugin has. */
const PLUGIN_ACCOUNT = 'calico-cni-plugin';
/** The account of the pod that installs. */
export const INSTALLER_ACCOUNT = 'calico-install';

/** A rule of a role. */
export const rule = (group: string, resources: readonly string[], verbs: readonly string[]) => ({
  apiGroups: [group],
  resources,
  verbs,
});

/** What the plugin needs with each datastore. With etcd it asks the API server about pods only. */
const READS_PODS = [rule('', ['pods', 'namespaces', 'nodes'], ['get'])];
const KEEPS_DATA = [
  ...READS_PODS,
  rule('', ['pods/status'], ['patch']),
  rule(GROUP, ['clusterinformations', 'ipamconfigs'], ['get']),
  rule(GROUP, ['ippools'], ['get', 'list']),
  rule(GROUP, ['ipreservations'], ['list']),
  rule(GROUP, ['blockaffinities', 'ipamblocks', 'ipamhandles'], ['get', 'list', 'create', 'update', 'delete']),
  // Asked for pods of virtual machines only; in other clusters the group does not exist.
  rule('kubevirt.io', ['virtualmachineinstances', 'virtualmachines'], ['get']),
];

/** The role of `calicoctl node run`. */
const NODE_ROLE = 'calico-node-run';
const FOLLOWS = ['get', 'list', 'watch'];
/** What `calicoctl node run` needs: this machine's Node, what routes depend on, and addresses of its tunnels. */
const ROUTES = [
  rule('', ['nodes'], FOLLOWS),
  rule('', ['nodes/status'], ['update', 'patch']),
  rule(GROUP, ['ippools', 'bgpconfigurations', 'bgppeers', 'bgpfilters', 'felixconfigurations'], FOLLOWS),
  rule(GROUP, ['clusterinformations', 'tiers'], ['get', 'create', 'update']),
  rule(GROUP, ['ipamblocks'], [...FOLLOWS, 'create', 'update', 'delete']),
  rule(GROUP, ['blockaffinities', 'ipamhandles'], ['get', 'list', 'create', 'update', 'delete']),
  rule(GROUP, ['ipamconfigs'], ['get']),
  rule(GROUP, ['ipreservations'], ['list']),
];

/**
 * The two accounts with their rights. The pod that installs may only ask for tokens of the plugin's account and, with
 * `--network`, do what routes need.
 */
export function access(datastore: 'kubernetes' | 'etcd', routing: NodeNetwork): readonly KubernetesObject[] {
  const tokens = { ...rule('', ['serviceaccounts/token'], ['create']), resourceNames: [PLUGIN_ACCOUNT] };
  return [
    account(PLUGIN_ACCOUNT),
    account(INSTALLER_ACCOUNT),
    role('ClusterRole', PLUGIN_ACCOUNT, datastore === 'etcd' ? READS_PODS : KEEPS_DATA),
    binding('ClusterRole', PLUGIN_ACCOUNT),
    role('Role', INSTALLER_ACCOUNT, [tokens]),
    binding('Role', INSTALLER_ACCOUNT),
    ...(datastore === 'etcd' || routing === 'none'
      ? []
      : [role('ClusterRole', NODE_ROLE, ROUTES), binding('ClusterRole', NODE_ROLE, INSTALLER_ACCOUNT)]),
  ];
}

/** An account of the namespace. */
export const account = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace: NAMESPACE },
});

const within = (kind: 'Role' | 'ClusterRole') => (kind === 'Role' ? { namespace: NAMESPACE } : {});

/** A role: of the namespace, or of the whole cluster. */
export const role = (kind: 'Role' | 'ClusterRole', name: string, rules: readonly object[]): KubernetesObject => ({
  apiVersion: `${RBAC}/v1`,
  kind,
  metadata: { name, ...within(kind) },
  rules,
});

/** What gives an account a role, by default the one of the same name. */
export const binding = (kind: 'Role' | 'ClusterRole', name: string, to = name): KubernetesObject => ({
  apiVersion: `${RBAC}/v1`,
  kind: `${kind}Binding`,
  metadata: { name, ...within(kind) },
  roleRef: { apiGroup: RBAC, kind, name },
  subjects: [{ kind: 'ServiceAccount', name: to, namespace: NAMESPACE }],
});
