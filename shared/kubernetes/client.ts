import type { NetConf } from '../cni/netconf.ts';
import { parseJsonText } from '../cni/reader.ts';
import { Failure } from '../error/failure.ts';
import type { Log } from '../log/log.ts';
import { endOfTurn } from '../system/pause.ts';
import type { World } from '../system/world.ts';
import { readApiConfig } from './configuration.ts';
import { type Access, readAccess } from './credentials.ts';
import { type Reply, refused, unreachable, type Wanted } from './failure.ts';
import { type Line, openLine } from './line.ts';
import { type Namespace, type Node, type Pod, readNamespace, readNode, readPod } from './objects.ts';
import { patiently } from './patience.ts';

/** The Kubernetes API, as much of it as a CNI plugin reads. What the server does is told as a Failure: see `unreachable` and `refused`. */
export interface Kubernetes {
  namespace(name: string): Promise<Namespace>;
  pod(namespace: string, name: string): Promise<Pod>;
  node(name: string): Promise<Node>;
  /** Whether the server answers at all, and lets us in. */
  version(): Promise<void>;
  close(): void;
}

/** What a client needs of a call's session. */
export interface ClientOptions {
  readonly conf: Pick<NetConf, 'kubernetes' | 'policy'>;
  readonly world: World;
  readonly log: Log;
  /** World.elapsed() at which to give up. */
  readonly deadline: number;
  /** The datastore's way to its API server, which is shared where the configuration does not tell the two apart. */
  readonly line?: Line | undefined;
  /** Called once, synchronously, while the first answer is awaited of a server that has let us connect. */
  readonly meanwhile?: () => void;
}

const UNAUTHORIZED = 401;

/** A client; reads its configuration and connects at the first question. */
export function openKubernetes(options: ClientOptions): Kubernetes {
  const { deadline } = options;
  const shared = sharedLine(options);
  const line = shared ?? ownLine(options);
  let waiting = options.meanwhile;
  const meanwhile = async () => {
    if (waiting === undefined) return;
    // When what has been sent has left.
    await endOfTurn();
    const work = waiting;
    waiting = undefined;
    work?.();
  };
  const get = async (path: string, wanted: Wanted) => {
    await line.opened(deadline);
    const ask = () => line.ask({ path, body: undefined }, deadline);
    const patience = { deadline, isRepeatable: true, world: options.world };
    const [reply] = await Promise.all([patiently(ask, patience), meanwhile()]);
    return bodyOf(line.access(), wanted, reply);
  };
  return api(get, () => {
    // Whoever gives up has begun to undo.
    waiting = undefined;
    if (shared === undefined) line.close();
  });
}

/** The datastore's way, unless the configuration has another server or other credentials for what is not the datastore. */
function sharedLine({ line, conf: { policy } }: ClientOptions): Line | undefined {
  const own = [policy.k8sApiRoot, policy.k8sCertificateAuthority, policy.k8sClientCertificate, policy.k8sClientKey];
  return own.every((key) => key === '') && policy.k8sAuthToken === '' ? line : undefined;
}

const ownLine = ({ conf, world, log }: ClientOptions): Line =>
  openLine({ readAccess: async () => readAccess(await readApiConfig(conf, world.env), world.env), world, log });

function api(get: (path: string, wanted: Wanted) => Promise<unknown>, close: () => void): Kubernetes {
  const ask = (path: string, resource: string, name: string) =>
    get(path + encodeURIComponent(name), { verb: 'get', resource, name });
  return {
    namespace: async (name) => readNamespace(await ask('/api/v1/namespaces/', 'namespaces', name)),
    pod: async (namespace, name) =>
      readPod(await ask(`/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/`, 'pods', name)),
    node: async (name) => readNode(await ask('/api/v1/nodes/', 'nodes', name)),
    version: async () => void (await ask('/version', 'version', '')),
    close,
  };
}

/** The object answered; anything less than whole JSON must not pass for one. */
function bodyOf(access: Access | undefined, wanted: Wanted, reply: Reply): unknown {
  if (access === undefined) throw new Error('an answer without a connection');
  const { server, source } = access;
  if (reply.status === 200) return parseJsonText(reply.body, (why) => unreachable(server, `not JSON: ${why}`));
  const error = refused(server, wanted, reply);
  if (reply.status !== UNAUTHORIZED) throw error;
  const whose =
    source === '' ? 'no file gives any: see kubernetes.kubeconfig' : `the credentials in ${source} are refused`;
  throw new Failure(error.kind, error.message, { where: `${error.where}: ${whose}, also when read again` });
}
