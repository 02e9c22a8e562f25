import { failure } from '../../shared/cni/error.ts';
import { parseJsonText, type Reader, reader } from '../../shared/cni/reader.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What is written where no template is given. */
export const BUILT_IN = `{
  "name": "k8s-pod-network",
  "cniVersion": "1.0.0",
  "plugins": [
    {
      "type": "calico",
      "log_level": "__LOG_LEVEL__",
      "log_file_path": "__LOG_FILE_PATH__",
      "datastore_type": "__DATASTORE_TYPE__",
      "etcd_endpoints": "__ETCD_ENDPOINTS__",
      "etcd_discovery_srv": "__ETCD_DISCOVERY_SRV__",
      "etcd_ca_cert_file": "__ETCD_CA_CERT_FILE__",
      "etcd_cert_file": "__ETCD_CERT_FILE__",
      "etcd_key_file": "__ETCD_KEY_FILE__",
      "nodename": "__KUBERNETES_NODE_NAME__",
      "mtu": __CNI_MTU__,
      "ipam": { "type": "calico-ipam" },
      "policy": { "type": "k8s" },
      "kubernetes": { "kubeconfig": "__KUBECONFIG_FILEPATH__" },
      "require_mtu_file": __REQUIRE_MTU_FILE__
    },
    { "type": "portmap", "snat": true, "capabilities": { "portMappings": true } }
  ]
}
`;

/** Tokens that are an environment variable of the same name, with their defaults. */
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

/** What tokens stand for beside the environment. */
export interface Known {
  readonly hostname: string;
  /** The folder of network configurations as the node names it. */
  readonly netFolder: string;
  /** Names of the certificates and keys that lie in its calico-tls. */
  readonly certificates: readonly string[];
  readonly serviceAccountToken: string;
}

/** The value of each token, without its underscores. */
export function tokens(env: Environment, known: Known): Readonly<Record<string, string>> {
  const given = Object.entries(VARIABLES).map(([name, fallback]) => [name, env[name] || fallback] as const);
  const file = (name: string) => (known.certificates.includes(name) ? `${known.netFolder}/calico-tls/${name}` : '');
  const hasEtcd = (env['ETCD_ENDPOINTS'] || env['ETCD_DISCOVERY_SRV'] || '') !== '';
  return {
    ...Object.fromEntries(given),
    // The original assumes Kubernetes as the datastore even where etcd is named.
    DATASTORE_TYPE: env['DATASTORE_TYPE'] || (hasEtcd ? 'etcdv3' : 'kubernetes'),
    KUBERNETES_NODE_NAME: env['KUBERNETES_NODE_NAME'] || known.hostname,
    KUBECONFIG_FILEPATH: `${known.netFolder}/calico-kubeconfig`,
    SERVICEACCOUNT_TOKEN: known.serviceAccountToken,
    ETCD_CA_CERT_FILE: file('etcd-ca'),
    ETCD_CERT_FILE: file('etcd-cert'),
    ETCD_KEY_FILE: file('etcd-key'),
  };
}

/** The template with its tokens replaced; what is no token stays as it is. */
export function fillIn(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/__([A-Z][A-Z_]*?)__/g, (token, name: string) => values[name] ?? token);
}

/** A network configuration as far as installing it goes. */
export interface Checked {
  /** Executables that the runtime will look for. */
  readonly programs: readonly string[];
  /** What a person should know of it. */
  readonly remarks: readonly string[];
  /** The kubeconfig it names; '' for none. */
  readonly kubeconfig: string;
}

/**
 * Refuses (code 999) what is no JSON, in the original's words, what no runtime would take and what our plugin would refuse for
 * every pod. `origin` names where the text is from; it must hold no secret, as errors quote it.
 */
export function checkConfig(text: string, origin: string): Checked {
  const json = parseJsonText(text, (why) => failure(`CNI config is not valid JSON: ${why}`, origin));
  const conf = reader(json, 'CNI config', (why) => failure(`CNI config cannot be used: ${why}`, origin));
  if (conf.text('name') === '') throw failure('CNI config cannot be used: it has no name', origin);
  const plugins = conf.has('plugins') ? conf.objects('plugins') : [conf];
  const types = plugins.map((plugin) => plugin.text('type'));
  if (types.length === 0 || types.includes(''))
    throw failure('CNI config cannot be used: a plugin without type', origin);
  const ours = plugins.filter((plugin) => plugin.text('type') === 'calico');
  for (const plugin of ours) requireEtcd(plugin, origin);
  const ipam = plugins.map((plugin) => plugin.object('ipam').text('type')).filter(Boolean);
  const left = [...new Set(text.match(/__[A-Z][A-Z_]*?__/g) ?? [])];
  return {
    programs: [...new Set([...types, ...ipam])],
    remarks: [
      ...(ours.length === 0 ? ['the network configuration does not use the plugin calico'] : []),
      ...left.map((token) => `the network configuration holds ${token}, which stands for nothing`),
      ...ours.flatMap(halfTls),
      ...ours.flatMap(noEndpoints),
    ],
    kubeconfig: ours.map((plugin) => plugin.object('kubernetes').text('kubeconfig')).find(Boolean) ?? '',
  };
}

function requireEtcd(plugin: Reader, origin: string): void {
  if (plugin.text('datastore_type') !== 'kubernetes') return;
  throw failure(
    'CNI config has datastore_type kubernetes, which the plugin would refuse for every pod: this version serves etcd',
    `${origin}: set ETCD_ENDPOINTS, and datastore_type etcdv3 where the template does not leave it to DATASTORE_TYPE`,
  );
}

function halfTls(plugin: Reader): readonly string[] {
  const [cert, key] = [plugin.text('etcd_cert_file'), plugin.text('etcd_key_file')];
  if ((cert === '') === (key === '')) return [];
  return [`the network configuration has only ${cert === '' ? 'etcd_key_file' : 'etcd_cert_file'}: etcd needs both`];
}

function noEndpoints(plugin: Reader): readonly string[] {
  if (plugin.text('etcd_endpoints') !== '' || plugin.text('etcd_discovery_srv') !== '') return [];
  return ['the network configuration names no etcd_endpoints: the runtime’s own environment would have to'];
}
