import { KINDS } from '../../../ctl/kinds/kinds.ts';
import type { Ask } from '../kubernetes/api-client.ts';
import { apiVersionOf, type Group, resourcePath, until } from './custom-resources.ts';

/** Kinds that are no custom resources in the Kubernetes API. */
const CORE = ['Node', 'Profile', 'WorkloadEndpoint'];
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Makes known all kinds of calicoctl that have no definition of their own for tests: any spec goes. */
export async function defineOtherKinds(ask: Ask, group: Group): Promise<void> {
  const [, version] = apiVersionOf(group).split('/');
  for (const { name: kind, plural, namespaced } of KINDS.filter(({ name }) => !CORE.includes(name))) {
    if (kind === 'IPAMConfiguration' && group === 'crd.projectcalico.org') continue;
    const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const { status, text } = await ask('POST', DEFINITIONS, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        scope: namespaced ? 'Namespaced' : 'Cluster',
        names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
        versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: anything } }],
      },
    });
    if (status !== 201 && status !== 409) throw new Error(`${kind}: ${status} ${text}`);
    await until(async () => (await ask('GET', resourcePath(group, plural))).status === 200, `${plural} to be served`);
  }
}
