import { access } from '../../../ctl/manifest/access.ts';
import { GROUP } from '../../../ctl/manifest/definitions.ts';
import type { KubernetesObject } from '../../../ctl/manifest/kubernetes-object.ts';
import type { Ask } from '../kubernetes/api-client.ts';
import { PLUGIN_USER } from '../kubernetes/plugin-user.ts';
import { until } from './custom-resources.ts';

/** One verb on one resource in one group. */
export interface Right {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** Exactly the rights that a printed role has; for objects in the newer group, the same there. */
function rightsOf(name: string): readonly Right[] {
  const roles = access('kubernetes', 'bgp').filter(
    ({ kind, metadata }: KubernetesObject) => kind === 'ClusterRole' && metadata.name === name,
  );
  const rules = roles.flatMap((role) => role['rules'] as readonly Rule[]);
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) => (group === GROUP ? inBoth(resource, verb) : [{ group, resource, verb }])),
      ),
    ),
  );
}

/** The plugin's. The original's role has more. */
export const RIGHTS = rightsOf(PLUGIN_USER);
/** Those of `calicoctl node run`. */
export const NODE_RIGHTS = rightsOf('calico-node-run');

function inBoth(resource: string, verb: string): readonly Right[] {
  const newer = resource === 'ipamconfigs' ? 'ipamconfigurations' : resource;
  return [
    { group: GROUP, resource, verb },
    { group: 'projectcalico.org', resource: newer, verb },
  ];
}

/** Gives the plugin's user exactly these rights, and waits until they are in force. */
export async function grantRights(ask: Ask, rights: readonly Right[] = RIGHTS): Promise<void> {
  const path = `/apis/rbac.authorization.k8s.io/v1/clusterroles/${PLUGIN_USER}`;
  const role = (await ask('GET', path)).body;
  const wanted = rights.map(({ group, resource, verb }) => ({
    apiGroups: [group],
    resources: [resource],
    verbs: [verb],
  }));
  const { status, text } = await ask('PUT', path, { ...role, rules: wanted });
  if (status !== 200) throw new Error(`PUT ${path}: ${status} ${text}`);
  await until(
    async () =>
      (await Promise.all([...RIGHTS, ...rights].map((right) => isAsWanted(ask, right, rights)))).every(Boolean),
    'the rights to be in force',
  );
}

const covers = (given: Right, right: Right): boolean =>
  given.group === right.group && given.verb === right.verb && ['*', right.resource].includes(given.resource);

async function isAsWanted(ask: Ask, right: Right, rights: readonly Right[]): Promise<boolean> {
  const [resource, subresource] = right.resource.split('/');
  const resourceAttributes = { group: right.group, resource, subresource, verb: right.verb };
  const review = await ask('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    spec: { user: PLUGIN_USER, resourceAttributes },
  });
  const { allowed } = review.body['status'] as { readonly allowed: boolean };
  return allowed === rights.some((given) => covers(given, right));
}
