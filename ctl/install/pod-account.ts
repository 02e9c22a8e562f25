import { parseJsonText, reader } from '../../shared/cni/reader.ts';
import { Failure, failure } from '../../shared/error/failure.ts';
import { type ApiConfig, NOTHING } from '../../shared/kubernetes/api-config.ts';
import { connect } from '../../shared/kubernetes/connection.ts';
import { readAccess } from '../../shared/kubernetes/credentials.ts';
import { type Reply, refused } from '../../shared/kubernetes/failure.ts';
import { hostInUrl } from '../../shared/net/host.ts';
import type { Url } from '../../shared/net/url.ts';
import type { World } from '../../shared/system/world.ts';
import { textOf } from './files.ts';
import type { Credentials } from './kubeconfig.ts';
import type { Settings } from './settings.ts';

/** The folder with a pod's own credentials. */
export const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const LIMITS = { connect: 5_000, request: 10_000 };

/** The pod that this runs in, as the API server knows it. */
export interface PodAccount {
  readonly api: ApiConfig;
  readonly namespace: string;
  readonly token: string;
  readonly ca: string;
}

/** The service account of the pod that this runs in; undefined outside of a pod. Throws a Failure. */
export function podAccount({ env }: World, { apiProtocol, insecureApi }: Settings): PodAccount | undefined {
  const token = textOf(`${ACCOUNT}/token`).trim();
  if (token === '') return undefined;
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '';
  if (host === '' || port === '') {
    throw failure(
      'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined',
      `${ACCOUNT}/token is there: set both, or remove the service account (automountServiceAccountToken: false)`,
    );
  }
  const ca = textOf(`${ACCOUNT}/ca.crt`);
  const server = `${apiProtocol}://${hostInUrl(host)}:${port}`;
  const trust = { insecure: insecureApi, ca: ca === '' ? undefined : { data: ca } };
  return {
    api: { ...NOTHING, ...trust, server, token, source: `${ACCOUNT}/token` },
    namespace: textOf(`${ACCOUNT}/namespace`).trim() || 'kube-system',
    token,
    ca,
  };
}

/** Credentials for the plugin, without the token. */
export const credentialsOf = ({ api, ca }: PodAccount, token: string): Credentials => ({
  server: api.server,
  ca,
  insecure: api.insecure,
  token,
});

/**
 * A token for the plugin's own service account (TokenRequest), which has fewer rights than this pod. If the API server does not
 * know such requests, the pod's own token (as Calico). Throws a Failure.
 */
export async function pluginToken(account: PodAccount, settings: Settings, world: World): Promise<string> {
  const { serviceAccount, tokenSeconds } = settings;
  const access = readAccess(account.api, world.env);
  const connection = await connect(access, LIMITS);
  try {
    const path = `/api/v1/namespaces/${account.namespace}/serviceaccounts/${encodeURIComponent(serviceAccount)}/token`;
    const kind = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' };
    const reply = await connection.post(path, { ...kind, spec: { expirationSeconds: tokenSeconds } });
    if (reply.status === 404 && !reply.body.includes(`\\"${serviceAccount}\\" not found`)) return account.token;
    if (reply.status !== 201) throw refusedToken(access.server, account, serviceAccount, reply);
    return tokenIn(reply);
  } finally {
    connection.close();
  }
}

/**
 * Whether the API server still takes the plugin's token: not after its service account was deleted, even if there is a new one of
 * the same name. Without an answer, it is assumed to.
 */
export async function isTokenTaken(account: PodAccount, token: string, world: World): Promise<boolean> {
  try {
    const connection = await connect(readAccess({ ...account.api, token }, world.env), LIMITS);
    try {
      return (await connection.get('/version')).status !== UNAUTHORIZED;
    } finally {
      connection.close();
    }
  } catch {
    return true;
  }
}

const UNAUTHORIZED = 401;

function refusedToken(server: Url, { namespace }: PodAccount, name: string, reply: Reply): Failure {
  const { kind, message, where } = refused(server, { verb: 'post', resource: 'serviceaccounts/token', name }, reply);
  const needed = `this pod's role needs create on serviceaccounts/token, and ${namespace} the service account ${name}`;
  return new Failure(kind, `cannot get a token for ${namespace}/${name}: ${message}`, { where: `${where}: ${needed}` });
}

function tokenIn({ body }: Reply): string {
  const refuse = (why: string) => failure(`the Kubernetes API answered a token request without a token: ${why}`);
  const token = reader(parseJsonText(body, refuse), 'TokenRequest', refuse).object('status').text('token');
  if (token === '') throw refuse('status.token is missing');
  return token;
}
