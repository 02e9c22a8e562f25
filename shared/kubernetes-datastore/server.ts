import type { NetConf } from '../cni/netconf.ts';
import { flagOf, type ReadSetting, settingsOf } from '../cni/setting.ts';
import { Failure, failure } from '../error/failure.ts';
import { type ApiConfig, NOTHING, type PartialConfig } from '../kubernetes/api-config.ts';
import { inCluster, NO_CONFIGURATION, withScheme } from '../kubernetes/configuration.ts';
import { loadKubeconfig, readKubeconfigText } from '../kubernetes/kubeconfig-files.ts';
import { exists } from '../system/files.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Configured = Pick<NetConf, 'kubernetes' | 'policy'>;

/**
 * The API server that holds Calico's data. Like the one for namespaces and pods (configuration.ts), but with the environment
 * variables of the datastore's client and without the keys of `policy`; only its token is used when there are no other
 * credentials. Reads the files on each call; throws a Failure with client-go's text.
 */
export async function datastoreServer(conf: Configured, env: Environment): Promise<ApiConfig> {
  const setting = settingsOf(env);
  const files = kubeconfigs(conf, setting, env);
  const context = setting('K8S_CURRENT_CONTEXT');
  const config = overlaid(conf, setting, env, files.length === 0 ? NOTHING : await loadKubeconfig(files, context));
  const source = files.join(':');
  if (config.server !== '') return { ...config, server: withScheme(config), source };
  const inside = files.length === 0 ? inCluster(env) : undefined;
  if (inside !== undefined) return inside;
  const master = env['KUBERNETES_MASTER'] ?? '';
  if (master !== '') return { ...config, server: withScheme({ ...config, server: master }), source };
  throw failure(
    NO_CONFIGURATION,
    files.length === 0
      ? 'set kubernetes.kubeconfig in the network configuration, or KUBECONFIG; to use etcd set etcd_endpoints'
      : `${source} has no current-context whose cluster has a server`,
  );
}

/** The API server of a kubeconfig that is given as text; nothing else counts then (as Calico). */
export async function inlineServer(kubeconfig: string): Promise<ApiConfig> {
  const config = await readKubeconfigText(kubeconfig, INLINE);
  if (config.server === '')
    throw failure(NO_CONFIGURATION, `${INLINE} has no current-context whose cluster has a server`);
  return { ...config, server: withScheme(config), source: INLINE };
}

const INLINE = 'kubeconfigInline';

/** Identifies the API server among others on this host, as far as possible without reading files. */
export function serverMarks(conf: Configured, env: Environment): readonly string[] {
  const setting = settingsOf(env);
  const {
    KUBERNETES_SERVICE_HOST: host = '',
    KUBERNETES_SERVICE_PORT: port = '',
    KUBERNETES_MASTER: master = '',
  } = env;
  const named = [kubeconfigSetting(conf, setting), setting('K8S_CURRENT_CONTEXT'), endpointSetting(conf, setting)];
  return named.some((text) => text !== '') ? named : [host, port, master];
}

/** Throws a Failure, before any work, when a configured kubeconfig does not exist. */
export function requireKubeconfig(conf: Configured, env: Environment): void {
  const named = atHome(kubeconfigSetting(conf, settingsOf(env)), env);
  if (named === '' || named.includes(':') || exists(named)) return;
  throw new Failure('file missing', `stat ${named}: no such file or directory`, {
    where: 'check kubernetes.kubeconfig in the network configuration, or KUBECONFIG',
  });
}

const kubeconfigSetting = ({ kubernetes }: Configured, setting: ReadSetting): string =>
  setting('KUBECONFIG', kubernetes.kubeconfig);

const endpointSetting = ({ kubernetes }: Configured, setting: ReadSetting): string =>
  setting('K8S_API_ENDPOINT', kubernetes.k8sApiRoot);

/** The kubeconfigs to read: the configured ones, else the user's own when nothing else is configured. */
function kubeconfigs(conf: Configured, setting: ReadSetting, env: Environment): readonly string[] {
  const named = kubeconfigSetting(conf, setting).split(':');
  if (named.some((path) => path !== '')) return named.filter((path) => path !== '').map((path) => atHome(path, env));
  const own = `${env['HOME'] ?? ''}/.kube/config`;
  return endpointSetting(conf, setting) === '' && (env['HOME'] ?? '') !== '' && exists(own) ? [own] : [];
}

/** A shell expands `~`, unless it is in quotes or in a file of settings. */
const atHome = (path: string, { HOME = '' }: Environment): string =>
  path.startsWith('~/') && HOME !== '' ? `${HOME}${path.slice(1)}` : path;

/** Configuration and environment override the kubeconfig. */
function overlaid(conf: Configured, setting: ReadSetting, env: Environment, config: PartialConfig): PartialConfig {
  const file = (name: string) => (setting(name) === '' ? undefined : { file: setting(name) });
  const token = env['CALICO_K8SAPITOKEN'] ?? '';
  const merged = {
    ...config,
    server: endpointSetting(conf, setting) || config.server,
    ca: file('K8S_CA_FILE') ?? config.ca,
    cert: file('K8S_CERT_FILE') ?? config.cert,
    key: file('K8S_KEY_FILE') ?? config.key,
    insecure: config.insecure || flagOf(setting, 'K8S_INSECURE_SKIP_TLS_VERIFY'),
    ...(token === '' ? {} : { token, tokenFile: '', exec: undefined }),
  };
  return isAnonymous(merged) ? { ...merged, token: conf.policy.k8sAuthToken } : merged;
}

const isAnonymous = ({ token, tokenFile, cert, username, exec }: PartialConfig): boolean =>
  token === '' && tokenFile === '' && username === '' && cert === undefined && exec === undefined;
