import type { NetConf } from '../cni/netconf.ts';
import { failure } from '../error/failure.ts';
import { hostInUrl, withoutNeedlessBrackets } from '../net/host.ts';
import { exists } from '../system/files.ts';
import { type ApiConfig, NOTHING, type PartialConfig } from './api-config.ts';
import { loadKubeconfig } from './kubeconfig-files.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Configured = Pick<NetConf, 'kubernetes' | 'policy'>;

/** Where Kubernetes mounts a pod's service account. */
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

export const NO_CONFIGURATION =
  'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable';

/**
 * The API server to use (as Calico): the kubeconfig overridden by `kubernetes.*` and `policy.*`, else our pod's service account,
 * else KUBERNETES_MASTER. Throws a Failure with client-go's text. Reads the files on each call.
 */
export async function readApiConfig(conf: Configured, env: Environment): Promise<ApiConfig> {
  const path = conf.kubernetes.kubeconfig;
  const config = overlaid(conf, path === '' ? NOTHING : await loadKubeconfig([path], ''));
  if (config.server !== '') return { ...config, server: withScheme(config), source: path };
  const inside = path === '' ? inCluster(env) : undefined;
  if (inside !== undefined) return inside;
  const master = env['KUBERNETES_MASTER'] ?? '';
  if (master !== '') return { ...config, server: withScheme({ ...config, server: master }), source: path };
  throw failure(
    NO_CONFIGURATION,
    path === ''
      ? 'set kubernetes.kubeconfig in the network configuration'
      : `${path} has no current-context whose cluster has a server`,
  );
}

/** The network configuration overrides the kubeconfig. */
function overlaid({ kubernetes, policy }: Configured, config: PartialConfig): PartialConfig {
  const root = kubernetes.k8sApiRoot || (policy.k8sApiRoot.split('/api/')[0] ?? '');
  const file = (path: string) => (path === '' ? undefined : { file: path });
  return {
    ...config,
    server: root || config.server,
    ca: file(policy.k8sCertificateAuthority) ?? config.ca,
    cert: file(policy.k8sClientCertificate) ?? config.cert,
    key: file(policy.k8sClientKey) ?? config.key,
    ...(policy.k8sAuthToken === '' ? {} : { token: policy.k8sAuthToken, tokenFile: '', exec: undefined }),
  };
}

/** Our pod's service account; undefined outside of pods. */
export function inCluster(env: Environment): ApiConfig | undefined {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '';
  const tokenFile = `${ACCOUNT}/token`;
  if (host === '' || port === '' || !exists(tokenFile)) return undefined;
  const authority = `${ACCOUNT}/ca.crt`;
  return {
    ...NOTHING,
    server: `https://${hostInUrl(host)}:${port}`,
    ca: exists(authority) ? { file: authority } : undefined,
    tokenFile,
    source: tokenFile,
  };
}

/** As client-go: a server without a scheme uses TLS when any TLS setting is configured. */
export function withScheme({ server, ca, cert, insecure }: PartialConfig): string {
  const bare = withoutNeedlessBrackets(server).replace(/\/+$/, '');
  if (/^https?:\/\//i.test(bare)) return bare;
  return `${ca !== undefined || cert !== undefined || insecure ? 'https' : 'http'}://${bare}`;
}
