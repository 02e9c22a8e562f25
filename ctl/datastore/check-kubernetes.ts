import { PLURALS } from '../../shared/calico/resource-kind.ts';
import { asObject } from '../../shared/calico/stored.ts';
import { type KubernetesTarget, openKubernetesTarget } from '../../shared/call/open-kubernetes.ts';
import { get } from '../../shared/datastore/query.ts';
import { CLUSTER_INFORMATION } from '../../shared/datastore/ref.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import { certificateEnd } from '../../shared/http2/certificate-end.ts';
import type { ApiConnection } from '../../shared/kubernetes/api-connection.ts';
import type { Access } from '../../shared/kubernetes/credentials.ts';
import { type ApiGroup, apiVersionOf } from '../../shared/kubernetes-datastore/api-group.ts';
import type { KubernetesDatastore } from '../../shared/kubernetes-datastore/datastore.ts';
import { clusterState } from '../check/cluster-state.ts';
import type { Context } from '../command-line/context.ts';
import { serverExpiry } from './certificates.ts';
import { type ServerState, serverText } from './server-state-text.ts';

/** How long the server may take to show its certificate. */
const CERTIFICATE_MS = 5_000;

/** `calicoctl datastore check` where the Kubernetes API is the datastore. */
export async function checkKubernetes(context: Context, target: KubernetesTarget): Promise<number> {
  const { world, log } = context;
  const { api, store } = openKubernetesTarget(target, world, log);
  context.progress('Querying the Kubernetes API …');
  try {
    const state = await stateOf(context, api, store);
    context.progress('');
    const { text, clean } = serverText(state, Number(world.now() / 1_000_000n));
    context.out(text);
    return clean ? 0 : 1;
  } finally {
    store.close();
  }
}

/** The state of the server; what it refuses is among the problems. */
async function stateOf(context: Context, api: ApiConnection, store: KubernetesDatastore): Promise<ServerState> {
  const { world, deadline } = context;
  const problems: string[] = [];
  const timed = async <T>(work: () => Promise<T>): Promise<{ readonly ms?: number; readonly value?: T }> => {
    const began = world.elapsed();
    try {
      const value = await work();
      return { ms: world.elapsed() - began, value };
    } catch (thrown) {
      const { message, details } = toFailure(thrown, 'asking the Kubernetes API');
      problems.push(details === undefined ? message : `${message}: ${details}`);
      return {};
    }
  };
  const connected = await timed(() => api.opened(deadline));
  const access = api.access();
  if (connected.ms === undefined) return { endpoint: access?.server.origin ?? '-', problems };
  const read = await timed(() => store.read([get(CLUSTER_INFORMATION)], deadline));
  const cluster = clusterState(read.value?.flatMap(({ entries }) => entries) ?? []);
  if (read.value !== undefined && cluster.version === '')
    problems.push('there is no ClusterInformation: run calicoctl init');
  if (cluster.locked) problems.push('Calico is not ready: datastoreReady is false (calicoctl datastore ready true)');
  const { group } = store;
  if (read.value !== undefined) problems.push(...(await missingKinds(api, group, deadline)));
  return {
    endpoint: access?.server.origin ?? '-',
    connectMs: connected.ms,
    ...(read.ms === undefined ? {} : { readMs: read.ms, group: apiVersionOf(group) }),
    ...(await about(api, deadline)),
    ...(access === undefined ? {} : await certificates(access)),
    problems,
  };
}

/** The version of the server, and who we are to it; what it does not tell is left out. */
async function about(api: ApiConnection, deadline: number): Promise<Pick<ServerState, 'version' | 'user'>> {
  const [version, user] = await Promise.all([
    textAt(api, '/version', undefined, deadline, ['gitVersion']),
    textAt(api, SELF, JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }), deadline, [
      'status',
      'userInfo',
      'username',
    ]),
  ]);
  return { ...(version === undefined ? {} : { version }), ...(user === undefined ? {} : { user }) };
}

const SELF = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

async function answered(
  api: ApiConnection,
  path: string,
  body: string | undefined,
  deadline: number,
): Promise<unknown> {
  try {
    const reply = await api.ask({ path, body }, deadline);
    return reply.status < 300 ? JSON.parse(reply.body) : undefined;
  } catch {
    return undefined;
  }
}

async function textAt(
  api: ApiConnection,
  path: string,
  body: string | undefined,
  deadline: number,
  fields: readonly string[],
): Promise<string | undefined> {
  const answer = await answered(api, path, body, deadline);
  const found = fields.reduce<unknown>((from, field) => asObject(from)?.[field], answer);
  return typeof found === 'string' ? found : undefined;
}

/** Kinds without which no address can be assigned. */
const NEEDED = ['ipamblocks', 'blockaffinities', 'ipamhandles', PLURALS.IPPool, PLURALS.ClusterInformation];

/** The definitions that the server lacks. */
async function missingKinds(api: ApiConnection, group: ApiGroup, deadline: number): Promise<readonly string[]> {
  const list = asObject(await answered(api, `/apis/${apiVersionOf(group)}`, undefined, deadline))?.['resources'];
  if (!Array.isArray(list)) return [];
  const known = new Set(list.map((each) => asObject(each)?.['name']));
  const missing = NEEDED.filter((plural) => !known.has(plural));
  return missing.map((plural) => `the custom resource definition ${plural}.${group.name} is missing`);
}

async function certificates({ server, tls }: Access): Promise<Pick<ServerState, 'certificateEnds' | 'own'>> {
  if (tls === undefined) return {};
  const { cert, key } = tls;
  const pair = cert === undefined || key === undefined ? undefined : { cert, key };
  const ends = await serverExpiry(server.origin, pair, CERTIFICATE_MS);
  const own = cert === undefined ? undefined : certificateEnd(cert);
  return {
    ...(ends === undefined ? {} : { certificateEnds: ends }),
    ...(own === undefined ? {} : { own: { 'the client certificate': own } }),
  };
}
