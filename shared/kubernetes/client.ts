import type { NetConf } from '../cni/netconf.ts';
import { parseJsonText } from '../cni/reader.ts';
import { Failure } from '../error/failure.ts';
import type { Log } from '../log/log.ts';
import { endOfTurn } from '../system/pause.ts';
import type { World } from '../system/world.ts';
import { type ApiConnection, openApiConnection } from './api-connection.ts';
import { readApiConfig } from './configuration.ts';
import { type Access, readAccess } from './credentials.ts';
import { isAboutObject, type Reply, refused, unreachable, type Wanted } from './failure.ts';
import { type Namespace, type Node, type Pod, readNamespace, readNode, readPod } from './objects.ts';
import { patiently } from './patience.ts';

/** The parts of the Kubernetes API that a CNI plugin reads. Errors are Failures: see `unreachable` and `refused`. */
export interface Kubernetes {
  namespace(name: string): Promise<Namespace>;
  pod(namespace: string, name: string): Promise<Pod>;
  node(name: string): Promise<Node>;
  /** Any object, or which of it is missing: the object, or its kind altogether. */
  find(path: string, wanted: Wanted): Promise<{ readonly body: unknown } | 'object missing' | 'kind missing'>;
  /** Checks that the server answers and accepts our credentials. */
  version(): Promise<void>;
  close(): void;
}

/** What a client needs from a session. */
export interface ClientOptions {
  readonly conf: Pick<NetConf, 'kubernetes' | 'policy'>;
  readonly world: World;
  readonly log: Log;
  /** World.elapsed() at which to give up. */
  readonly deadline: number;
  /** The datastore's connection to its API server; shared unless the configuration sets another server or credentials. */
  readonly api?: ApiConnection | undefined;
  /** Called once, synchronously, after connecting, while waiting for the first answer. */
  readonly meanwhile?: () => void;
}

const UNAUTHORIZED = 401;
const NOT_FOUND = 404;

/** Creates a client. It reads its configuration and connects on the first request. */
export function openKubernetes(options: ClientOptions): Kubernetes {
  const { deadline } = options;
  const shared = sharedConnection(options);
  const api = shared ?? ownConnection(options);
  let waiting = options.meanwhile;
  const meanwhile = async () => {
    if (waiting === undefined) return;
    // After the request has left.
    await endOfTurn();
    const work = waiting;
    waiting = undefined;
    work?.();
  };
  const reply = async (path: string): Promise<Reply> => {
    await api.opened(deadline);
    // The datastore reads the pod as well.
    const ask = () => api.ask({ path, body: undefined, joins: true }, deadline);
    const patience = { deadline, isRepeatable: true, world: options.world };
    const [answer] = await Promise.all([patiently(ask, patience), meanwhile()]);
    return answer;
  };
  const get = async (path: string, wanted: Wanted) => {
    const answer = await reply(path);
    return bodyOf(api.access(), wanted, answer);
  };
  const find: Kubernetes['find'] = async (path, wanted) => {
    const answer = await reply(path);
    if (answer.status !== NOT_FOUND) return { body: bodyOf(api.access(), wanted, answer) };
    return isAboutObject(answer) ? 'object missing' : 'kind missing';
  };
  return askedWith(get, find, () => {
    // After a failure the caller is already undoing.
    waiting = undefined;
    if (shared === undefined) api.close();
  });
}

/** The datastore's connection, unless the configuration sets another server or credentials for everything else. */
function sharedConnection({ api, conf: { policy } }: ClientOptions): ApiConnection | undefined {
  const own = [policy.k8sApiRoot, policy.k8sCertificateAuthority, policy.k8sClientCertificate, policy.k8sClientKey];
  return own.every((key) => key === '') && policy.k8sAuthToken === '' ? api : undefined;
}

const ownConnection = ({ conf, world, log }: ClientOptions): ApiConnection =>
  openApiConnection({
    readAccess: async () => readAccess(await readApiConfig(conf, world.env), world.env),
    world,
    log,
  });

function askedWith(
  get: (path: string, wanted: Wanted) => Promise<unknown>,
  find: Kubernetes['find'],
  close: () => void,
): Kubernetes {
  const ask = (path: string, resource: string, name: string) =>
    get(path + encodeURIComponent(name), { verb: 'get', resource, name });
  return {
    namespace: async (name) => readNamespace(await ask('/api/v1/namespaces/', 'namespaces', name)),
    pod: async (namespace, name) =>
      readPod(await ask(`/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/`, 'pods', name)),
    find,
    node: async (name) => readNode(await ask('/api/v1/nodes/', 'nodes', name)),
    version: async () => void (await ask('/version', 'version', '')),
    close,
  };
}

/** Parses an answer. Incomplete JSON must not be taken for an object. */
function bodyOf(access: Access | undefined, wanted: Wanted, reply: Reply): unknown {
  if (access === undefined) throw new Error('an answer without a connection');
  const { server, source } = access;
  if (reply.status === 200) return parseJsonText(reply.body, (why) => unreachable(server, `not JSON: ${why}`));
  const error = refused(server, wanted, reply);
  if (reply.status !== UNAUTHORIZED) throw error;
  const whose =
    source === ''
      ? 'no credentials are configured: set kubernetes.kubeconfig'
      : `the credentials in ${source} were refused`;
  throw new Failure(error.kind, error.message, { where: `${error.where}: ${whose}, even after reading them again` });
}
