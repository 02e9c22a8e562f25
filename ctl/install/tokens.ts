type Environment = Readonly<Record<string, string | undefined>>;

/** Tokens that stand for an environment variable of the same name, with their defaults. */
const VARIABLES: Readonly<Record<string, string>> = {
  LOG_LEVEL: 'info',
  LOG_FILE_PATH: '/var/log/calico/cni/cni.log',
  LOG_FILE_MAX_SIZE: '100',
  LOG_FILE_MAX_AGE: '30',
  LOG_FILE_MAX_COUNT: '10',
  CNI_MTU: '1500',
  KUBERNETES_SERVICE_HOST: '',
  KUBERNETES_SERVICE_PORT: '',
  CALICO_API_GROUP: 'crd.projectcalico.org/v1',
  ETCD_ENDPOINTS: '',
  ETCD_DISCOVERY_SRV: '',
  REQUIRE_MTU_FILE: 'false',
};

/** Values of tokens that do not come from the environment. */
export interface Known {
  readonly hostname: string;
  /** The path of the folder of network configurations on the node. */
  readonly netFolder: string;
  /** The certificates and keys in its folder calico-tls. */
  readonly certificates: readonly string[];
  readonly serviceAccountToken: string;
}

/** The value of each token, without its underscores. */
export function tokens(env: Environment, known: Known): Readonly<Record<string, string>> {
  const given = Object.entries(VARIABLES).map(([name, fallback]) => [name, env[name] || fallback] as const);
  const file = (name: string) => (known.certificates.includes(name) ? `${known.netFolder}/calico-tls/${name}` : '');
  return {
    ...Object.fromEntries(given),
    // The original assumes the Kubernetes datastore even if etcd is named.
    DATASTORE_TYPE: env['DATASTORE_TYPE'] || (namesEtcd(env) ? 'etcdv3' : 'kubernetes'),
    KUBERNETES_NODE_NAME: env['KUBERNETES_NODE_NAME'] || known.hostname,
    KUBECONFIG_FILEPATH: `${known.netFolder}/calico-kubeconfig`,
    SERVICEACCOUNT_TOKEN: known.serviceAccountToken,
    ETCD_CA_CERT_FILE: file('etcd-ca'),
    ETCD_CERT_FILE: file('etcd-cert'),
    ETCD_KEY_FILE: file('etcd-key'),
  };
}

/** Whether the environment names etcd. */
export const namesEtcd = (env: Environment): boolean =>
  (env['ETCD_ENDPOINTS'] || env['ETCD_DISCOVERY_SRV'] || '') !== '';

/** The template with its tokens replaced. Everything else stays as it is. */
export function fillIn(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/__([A-Z][A-Z_]*?)__/g, (token, name: string) => values[name] ?? token);
}
