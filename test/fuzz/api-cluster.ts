import { inTurn } from '../../shared/datastore/in-turn.ts';
import type { ApiConnection } from '../../shared/kubernetes/api-connection.ts';
import { unreachable } from '../../shared/kubernetes/failure.ts';
import { V1 } from '../../shared/kubernetes-datastore/api-group.ts';
import { kubernetesDatastore } from '../../shared/kubernetes-datastore/datastore.ts';
import { endOfTurn } from '../../shared/system/pause.ts';
import { NO_QUEUE } from '../support/fake-datastore/no-queue.ts';
import { podArgs } from '../support/kubernetes/pods.ts';
import { resourcePath } from '../support/kubernetes-datastore/custom-resources.ts';
import { objectsOf } from '../support/kubernetes-datastore/objects.ts';
import { FakeObjects, type Json, type Stored } from '../unit/kubernetes-datastore/fake-objects.ts';
import { CONF, environment } from './cluster.ts';
import { judgedCall, type Outcome } from './judge.ts';
import type { Surroundings } from './model-verbs.ts';

const GROUP = 'crd.projectcalico.org';
const { etcd_endpoints: _, ...SAME } = CONF;

/** A configuration that uses every key, for the Kubernetes datastore. */
export const API_CONF = { ...SAME, datastore_type: 'kubernetes', policy: { type: 'k8s' } };

const KINDS = [
  'clusterinformations',
  'ipamblocks',
  'blockaffinities',
  'ipamhandles',
  'ipamconfigs',
  'ippools',
  'ipreservations',
].map((plural) => resourcePath(GROUP, plural));
const CORE = ['/api/v1/nodes', '/api/v1/namespaces/prod/pods', '/api/v1/namespaces'];

/** Objects of an API server by their path. */
export type Objects = ReadonlyMap<string, Stored>;

/** The pod of a container: c1's is web-1. */
export const podOf = (container: string) => ({ namespace: 'prod', pod: `web-${container.slice(1)}` });

export const podEnvironment = (command: string, container: string): Record<string, string> => ({
  ...environment(command, container),
  CNI_ARGS: podArgs(podOf(container)),
});

/** What the server does with a request: answers it (`answer`), perhaps wrongly. */
export type Serve = (
  question: Parameters<ApiConnection['ask']>[0],
  answer: () => ReturnType<FakeObjects['answer']>,
) => ReturnType<FakeObjects['answer']>;

/** Requests of one call beyond which it is taken to go round in circles. */
const MOST_REQUESTS = 2_000;

/** One call on an API server with these objects. */
export async function servedByApi(
  env: Readonly<Record<string, string>>,
  stdin: string,
  content: Objects,
  { pod, serve = (_, answer) => answer() }: Pick<Surroundings, 'pod'> & { readonly serve?: Serve } = {},
): Promise<Pick<Outcome, 'status' | 'stdout'> & { readonly after: Objects }> {
  const objects = new FakeObjects();
  for (const [path, object] of content) objects.all.set(path, object);
  let asked = 0;
  const ask: ApiConnection['ask'] = async (question) => {
    if (++asked > MOST_REQUESTS) throw new Error(`more than ${MOST_REQUESTS} requests: it goes round in circles`);
    await endOfTurn();
    return serve(question, () => objects.answer([...KINDS, ...CORE], question));
  };
  const api = { begin: () => undefined, opened: async () => undefined, access: () => undefined, close: () => {}, ask };
  const open: Surroundings['open'] = (_conf, given) => {
    const endpoints = { reading: 'written', env: given } as const;
    const store = kubernetesDatastore({ api, world: { elapsed: () => 0 }, node: 'n1', group: V1, endpoints });
    return { datastore: 'kubernetes', store: inTurn(store, NO_QUEUE) };
  };
  const said = await judgedCall(env, stdin, { open, ...(pod === undefined ? {} : { pod }) });
  return { ...said, after: objects.all };
}

/** The connection broke after the request had been sent. */
export const noAnswer = (): Error =>
  unreachable(new URL('https://10.96.0.1'), 'the connection broke', '', { sent: true });

function emptyCluster(): Objects {
  const objects = new FakeObjects();
  const { clusterInformation, pool, reservation, config } = objectsOf(GROUP);
  const calicos = [
    clusterInformation(),
    pool('four', '10.0.0.0/28', { blockSize: 30, nodeSelector: "zone == 'a' || has(x)" }),
    pool('six', 'fd00::/124', { blockSize: 126 }),
    reservation('r', '10.0.0.5/32', '10.0.0.8/30'),
    config({ maxBlocksPerHost: 8 }),
  ];
  for (const { plural, body } of calicos) objects.put(resourcePath(GROUP, plural, body.metadata.name), { ...body });
  for (const name of ['n1', 'n2'])
    objects.put(`/api/v1/nodes/${name}`, { metadata: { name, labels: { zone: 'a' } }, spec: {}, status: {} });
  objects.put('/api/v1/namespaces/prod', { metadata: { name: 'prod', labels: { a: 'b' } } });
  for (const container of ['c1', 'c2', 'c3', 'c9']) objects.put(podPath(container), podObject(container));
  return objects.all;
}

export const podPath = (container: string): string => `/api/v1/namespaces/prod/pods/${podOf(container).pod}`;

const podObject = (container: string): Json => ({
  kind: 'Pod',
  metadata: {
    name: podOf(container).pod,
    namespace: 'prod',
    generateName: 'web-',
    labels: { app: 'web' },
    annotations: { 'qos.projectcalico.org/ingressBandwidth': '1M' },
  },
  spec: { nodeName: 'n1', serviceAccountName: 'sa', containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] },
  status: { phase: 'Pending' },
});

let filled: Promise<Objects> | undefined;

/** A cluster with two pools and three dual-stack pods, as written by this plugin. */
export function apiCluster(): Promise<Objects> {
  filled ??= fill();
  return filled;
}

async function fill(): Promise<Objects> {
  let content = emptyCluster();
  for (const id of ['c1', 'c2', 'c3']) {
    const { status, stdout, after } = await servedByApi(podEnvironment('ADD', id), JSON.stringify(API_CONF), content);
    if (status !== 0) throw new Error(stdout);
    content = after;
  }
  return content;
}
