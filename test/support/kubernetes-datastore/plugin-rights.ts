import type { Ask } from '../kubernetes/api-client.ts';
import { PLUGIN_USER } from '../kubernetes/plugin-user.ts';
import { until } from './custom-resources.ts';

/** One verb on one resource in one group. */
export interface Right {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
}

const CALICO = ['projectcalico.org', 'crd.projectcalico.org'];
const KINDS = [
  'blockaffinities',
  'ipamblocks',
  'ipamhandles',
  'clusterinformations',
  'ippools',
  'ipreservations',
  'ipamconfigurations',
  'ipamconfigs',
];

/** Exactly the rights of the original's ClusterRole `calico-cni-plugin`. */
export const RIGHTS: readonly Right[] = [
  ...['pods', 'nodes', 'namespaces'].map((resource) => ({ group: '', resource, verb: 'get' })),
  { group: '', resource: 'pods/status', verb: 'patch' },
  ...['get', 'list', 'create', 'update', 'delete'].flatMap((verb) =>
    CALICO.flatMap((group) => KINDS.map((resource) => ({ group, resource, verb }))),
  ),
  ...['virtualmachineinstances', 'virtualmachines'].map((resource) => ({
    group: 'kubevirt.io',
    resource,
    verb: 'get',
  })),
];

/** Gives the plugin's user exactly these rights, and waits until they are in force. */
export async function grantRights(ask: Ask, rights: readonly Right[] = RIGHTS): Promise<void> {
  const path = `/apis/rbac.authorization.k8s.io/v1/clusterroles/${PLUGIN_USER}`;
  const role = (await ask('GET', path)).body;
  const rules = rights.map(({ group, resource, verb }) => ({
    apiGroups: [group],
    resources: [resource],
    verbs: [verb],
  }));
  const { status, text } = await ask('PUT', path, { ...role, rules });
  if (status !== 200) throw new Error(`PUT ${path}: ${status} ${text}`);
  await until(
    async () => (await Promise.all(RIGHTS.map((right) => isAsWanted(ask, right, rights)))).every(Boolean),
    'the rights to be in force',
  );
}

const sameRight = (one: Right, other: Right): boolean =>
  one.group === other.group && one.resource === other.resource && one.verb === other.verb;

async function isAsWanted(ask: Ask, right: Right, rights: readonly Right[]): Promise<boolean> {
  const [resource, subresource] = right.resource.split('/');
  const resourceAttributes = { group: right.group, resource, subresource, verb: right.verb };
  const review = await ask('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    spec: { user: PLUGIN_USER, resourceAttributes },
  });
  const { allowed } = review.body['status'] as { readonly allowed: boolean };
  return allowed === rights.some((given) => sameRight(given, right));
}
