import type { Ask } from '../kubernetes/api-client.ts';
import type { Kubernetes } from '../kubernetes/api-server.ts';
import { createPod, type PodName } from '../kubernetes/pods.ts';
import { until } from './custom-resources.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const OBJECTS = '/apis/kubevirt.io/v1/namespaces/prod';
const KINDS = {
  virtualmachines: 'VirtualMachine',
  virtualmachineinstances: 'VirtualMachineInstance',
} as const;

type Plural = keyof typeof KINDS;

/** An object of KubeVirt as it was created. */
export interface KubeVirtObject {
  readonly plural: Plural;
  readonly name: string;
  readonly uid: string;
}

/** Defines the least of KubeVirt's kinds: objects with any content. */
export async function defineKubeVirt(ask: Ask): Promise<void> {
  for (const [plural, kind] of Object.entries(KINDS)) {
    const { status, text } = await ask('POST', DEFINITIONS, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.kubevirt.io` },
      spec: {
        group: 'kubevirt.io',
        scope: 'Namespaced',
        names: { plural, singular: kind.toLowerCase(), kind },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: ANYTHING } }],
      },
    });
    if (status !== 201 && status !== 409) throw new Error(`${plural}: ${status} ${text}`);
    await until(async () => (await ask('GET', `${OBJECTS}/${plural}?resourceVersion=0`)).status === 200, plural);
  }
}

/** Takes KubeVirt's kinds away, and with them all objects. */
export async function removeKubeVirt(ask: Ask): Promise<void> {
  for (const plural of Object.keys(KINDS)) {
    await ask('DELETE', `${DEFINITIONS}/${plural}.kubevirt.io`);
    await until(async () => (await ask('GET', `${OBJECTS}/${plural}`)).status === 404, `${plural} to be gone`);
  }
}

const ANYTHING = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

const ownedBy = ({ plural, name, uid }: KubeVirtObject, controller = true) => ({
  ownerReferences: [{ apiVersion: 'kubevirt.io/v1', kind: KINDS[plural], name, uid, controller }],
});

export type KubeVirt = ReturnType<typeof kubeVirtOn>;

/** KubeVirt's objects in the namespace `prod`, as its controllers create them. */
export function kubeVirtOn(kubernetes: Kubernetes) {
  const { ask } = kubernetes;
  const create = async (plural: Plural, name: string, metadata: object): Promise<KubeVirtObject> => {
    const body = { apiVersion: 'kubevirt.io/v1', kind: KINDS[plural], metadata: { name, ...metadata } };
    const made = await ask('POST', `${OBJECTS}/${plural}`, body);
    // When its answer was lost, it is there already.
    const answer = made.status === 409 ? await ask('GET', `${OBJECTS}/${plural}/${name}`) : made;
    if (answer.status >= 300) throw new Error(`${plural}/${name}: ${answer.status} ${answer.text}`);
    return { plural, name, uid: (answer.body['metadata'] as { readonly uid: string }).uid };
  };
  const del = async (path: string) => {
    const { status, text } = await ask('DELETE', path);
    if (status >= 300 && status !== 404) throw new Error(`${path}: ${status} ${text}`);
  };
  return {
    /** It stays while it is being deleted, until `remove`. */
    machine: (name: string) => create('virtualmachines', name, { finalizers: ['test/hold'] }),
    instance: (name: string, machine?: KubeVirtObject) =>
      create('virtualmachineinstances', name, {
        finalizers: ['test/hold'],
        ...(machine === undefined ? {} : ownedBy(machine)),
      }),
    /** A pod that runs the instance; with `migration` the target of that migration. */
    launcher: async (
      instance: KubeVirtObject,
      suffix: string,
      node = 'node1',
      migration?: string,
    ): Promise<PodName> => {
      const name = { namespace: 'prod', pod: `virt-launcher-${instance.name}-${suffix}` };
      const labels = migration === undefined ? {} : { labels: { 'kubevirt.io/migrationJobUID': migration } };
      await createPod(kubernetes, name, { ...ownedBy(instance), ...labels }, { nodeName: node });
      return name;
    },
    removePod: ({ namespace, pod }: PodName) => del(`/api/v1/namespaces/${namespace}/pods/${pod}?gracePeriodSeconds=0`),
    /** The object gets a deletionTimestamp. */
    startDeletion: ({ plural, name }: KubeVirtObject) => del(`${OBJECTS}/${plural}/${name}`),
    remove: async ({ plural, name }: KubeVirtObject) => {
      const path = `${OBJECTS}/${plural}/${name}`;
      await del(path);
      const { status, body } = await ask('GET', path);
      if (status === 404) return;
      await ask('PUT', path, { ...body, metadata: { ...(body['metadata'] as object), finalizers: [] } });
      await until(async () => (await ask('GET', path)).status === 404, `${name} to be gone`);
    },
    removeAll: () => removeAll(ask),
  };
}

async function removeAll(ask: Ask): Promise<void> {
  for (const plural of Object.keys(KINDS)) {
    const { body } = await ask('GET', `${OBJECTS}/${plural}`);
    for (const item of body['items'] as readonly { readonly metadata: { readonly name: string } }[]) {
      const path = `${OBJECTS}/${plural}/${item.metadata.name}`;
      await ask('PUT', path, { ...item, metadata: { ...item.metadata, finalizers: [] } });
      await ask('DELETE', path);
    }
  }
}
