import type { NetConf } from '../cni/netconf.ts';
import { type Settings, settingsOf } from '../cni/setting.ts';
import { Failure, failure } from '../error/failure.ts';
import { type ApiConfig, NOTHING, type PartialConfig } from '../kubernetes/api-config.ts';
import { inCluster, NO_CONFIGURATION, withScheme } from '../kubernetes/configuration.ts';
import { loadKubeconfig } from '../kubernetes/kubeconfig-files.ts';
import { exists } from '../system/files.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Configured = Pick<NetConf, 'kubernetes' | 'policy'>;

/**
 * The API server that holds Calico's data: as for namespaces and pods (configuration.ts), but with the variables of the
 * datastore's own client, and without the keys of `policy`, of which the token alone counts where nothing else tells who we
 * are. Reads the files anew on each call; throws a Failure in client-go's words.
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
      ? 'set kubernetes.kubeconfig in the network configuration, or KUBECONFIG; for data in etcd set etcd_endpoints'
      : `${source} has no current-context whose cluster has a server`,
  );
}

/** What tells one API server from others on this host, as far as it is known without reading anything. */
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

/** Refuses a kubeconfig that is named and not there, before any work. Throws a Failure. */
export function requireKubeconfig(conf: Configured, env: Environment): void {
  const named = kubeconfigSetting(conf, settingsOf(env));
  if (named === '' || named.includes(':') || exists(named)) return;
  throw new Failure('file missing', `stat ${named}: no such file or directory`, {
    where: 'kubernetes.kubeconfig in the network configuration, or KUBECONFIG, names this file',
  });
}

const kubeconfigSetting = ({ kubernetes }: Configured, setting: Settings): string =>
  setting('KUBECONFIG', kubernetes.kubeconfig);

const endpointSetting = ({ kubernetes }: Configured, setting: Settings): string =>
  setting('K8S_API_ENDPOINT', kubernetes.k8sApiRoot);

/** The kubeconfigs to read: those named, else the user's own where there is nothing else to go by. */
function kubeconfigs(conf: Configured, setting: Settings, env: Environment): readonly string[] {
  const named = kubeconfigSetting(conf, setting).split(':');
  if (named.some((path) => path !== '')) return named.filter((path) => path !== '');
  const own = `${env['HOME'] ?? ''}/.kube/config`;
  return endpointSetting(conf, setting) === '' && (env['HOME'] ?? '') !== '' && exists(own) ? [own] : [];
}

/** What configuration and environment say beats the kubeconfig. */
function overlaid(conf: Configured, setting: Settings, env: Environment, config: PartialConfig): PartialConfig {
  const file = (name: string) => (setting(name) === '' ? undefined : { file: setting(name) });
  const token = env['CALICO_K8SAPITOKEN'] ?? '';
  const merged = {
    ...config,
    server: endpointSetting(conf, setting) || config.server,
    ca: file('K8S_CA_FILE') ?? config.ca,
    cert: file('K8S_CERT_FILE') ?? config.cert,
    key: file('K8S_KEY_FILE') ?? config.key,
    insecure: config.insecure || isTrue(setting('K8S_INSECURE_SKIP_TLS_VERIFY')),
    ...(token === '' ? {} : { token, tokenFile: '', exec: undefined }),
  };
  return isAnonymous(merged) ? { ...merged, token: conf.policy.k8sAuthToken } : merged;
}

const isAnonymous = ({ token, tokenFile, cert, username, exec }: PartialConfig): boolean =>
  token === '' && tokenFile === '' && username === '' && cert === undefined && exec === undefined;

/** As Go reads truth. */
function isTrue(text: string): boolean {
  if (['', '0', 'f', 'F', 'false', 'False', 'FALSE'].includes(text)) return false;
  if (['1', 't', 'T', 'true', 'True', 'TRUE'].includes(text)) return true;
  throw failure(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`, 'K8S_INSECURE_SKIP_TLS_VERIFY');
}
