import { KINDS } from '../../../ctl/kinds/kinds.ts';
import { definitions, GROUP } from '../../../ctl/manifest/definitions.ts';
import type { Ask } from '../kubernetes/api-client.ts';
import { apiVersionOf, type Group, resourcePath, until } from './custom-resources.ts';

/** Kinds that are no custom resources in the Kubernetes API. */
const CORE = ['Node', 'Profile', 'WorkloadEndpoint'];
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const ANYTHING = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** Makes known all kinds of calicoctl that have no definition of their own for tests: as calico-install prints them, or with any spec. */
export async function defineOtherKinds(ask: Ask, group: Group): Promise<void> {
  for (const definition of group === GROUP ? definitions() : openDefinitions(group)) {
    const { status, text } = await ask('POST', DEFINITIONS, definition);
    if (status !== 201 && status !== 409) throw new Error(`${definition.metadata.name}: ${status} ${text}`);
    const plural = definition.metadata.name.slice(0, -1 - group.length);
    await until(async () => (await ask('GET', resourcePath(group, plural))).status === 200, `${plural} to be served`);
  }
}

const openDefinitions = (group: Group) =>
  KINDS.filter(({ name }) => !CORE.includes(name)).map(({ name: kind, plural, namespaced }) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: namespaced ? 'Namespaced' : 'Cluster',
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      versions: [
        { name: apiVersionOf(group).split('/')[1], served: true, storage: true, schema: { openAPIV3Schema: ANYTHING } },
      ],
    },
  }));
