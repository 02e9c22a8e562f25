import { fillIn } from './tokens.ts';

/** The network's name in a list without Kubernetes. */
const NAME = 'calico';

/** The list for pods, as the original writes it; `lines` are those of the datastore. */
const podsList = (...lines: readonly string[]): string => `{
  "name": "k8s-pod-network",
  "cniVersion": "1.0.0",
  "plugins": [
    {
      "type": "calico",
      "log_level": "__LOG_LEVEL__",
      "log_file_path": "__LOG_FILE_PATH__",
      "datastore_type": "__DATASTORE_TYPE__",
      ${lines.join('\n      ')}
      "mtu": __CNI_MTU__,
      "ipam": { "type": "calico-ipam" },
      "policy": { "type": "k8s" },
      "kubernetes": { "kubeconfig": "__KUBECONFIG_FILEPATH__" },
      "require_mtu_file": __REQUIRE_MTU_FILE__
    }__PORTMAP__
  ]
}
`;

const PODS_IN_ETCD = podsList(
  '"etcd_endpoints": "__ETCD_ENDPOINTS__",',
  '"etcd_discovery_srv": "__ETCD_DISCOVERY_SRV__",',
  '"etcd_ca_cert_file": "__ETCD_CA_CERT_FILE__",',
  '"etcd_cert_file": "__ETCD_CERT_FILE__",',
  '"etcd_key_file": "__ETCD_KEY_FILE__",',
  '"nodename": "__KUBERNETES_NODE_NAME__",',
);

/** There need be no calico/node, which writes the nodename file. */
const PODS_IN_KUBERNETES = podsList(
  '"calico_api_group": "__CALICO_API_GROUP__",',
  '"nodename": "__KUBERNETES_NODE_NAME__",',
  '"nodename_file_optional": true,',
);

const PORTMAP_TEXT = ',\n    { "type": "portmap", "snat": true, "capabilities": { "portMappings": true } }';
const PORTMAP = { type: 'portmap', snat: true, capabilities: { portMappings: true } };

/** What the built-in list depends on. */
export interface BuiltIn {
  readonly values: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether there is, or will be, a kubeconfig for the plugin. */
  readonly kubernetes: boolean;
  /** The CNI versions that portmap supports; undefined if it is missing. */
  readonly portmap: readonly string[] | undefined;
  /** The network name of containers that already have addresses on this node; '' for none. */
  readonly name: string;
}

/** The text that is written without a template. */
export function builtIn(given: BuiltIn): string {
  const isInKubernetes = given.values['DATASTORE_TYPE'] === 'kubernetes';
  if (!given.kubernetes && !isInKubernetes) return withoutKubernetes(given);
  const portmap = given.portmap === undefined ? '' : PORTMAP_TEXT;
  const template = isInKubernetes ? PODS_IN_KUBERNETES : PODS_IN_ETCD;
  const text = fillIn(template, { ...given.values, PORTMAP: portmap });
  return given.name === '' ? text : text.replace('"k8s-pod-network"', () => JSON.stringify(given.name));
}

/** Only what works without Kubernetes. The node's name comes from the nodename file that `calicoctl init` writes. */
function withoutKubernetes({ values, env, portmap, name }: BuiltIn): string {
  const isSet = (...names: readonly string[]) => names.some((each) => (env[each] ?? '') !== '');
  const optional = {
    etcd_endpoints: values['ETCD_ENDPOINTS'],
    etcd_discovery_srv: values['ETCD_DISCOVERY_SRV'],
    etcd_ca_cert_file: values['ETCD_CA_CERT_FILE'],
    etcd_cert_file: values['ETCD_CERT_FILE'],
    etcd_key_file: values['ETCD_KEY_FILE'],
    nodename: isSet('KUBERNETES_NODE_NAME') ? values['KUBERNETES_NODE_NAME'] : '',
  };
  const entry = {
    type: 'calico',
    log_level: values['LOG_LEVEL'],
    log_file_path: values['LOG_FILE_PATH'],
    datastore_type: values['DATASTORE_TYPE'],
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== '')),
    nodename_file_optional: true,
    ...(isSet('CNI_MTU') ? { mtu: literal(values['CNI_MTU']) } : {}),
    ...(isSet('REQUIRE_MTU_FILE') ? { require_mtu_file: literal(values['REQUIRE_MTU_FILE']) } : {}),
    ipam: { type: 'calico-ipam' },
  };
  const plugins = portmap === undefined ? [entry] : [entry, PORTMAP];
  const list = { name: name || NAME, ...versions(portmap), plugins };
  return `${JSON.stringify(list, undefined, 2)}\n`;
}

/** A number or boolean as it is. Any other text stays a string, which the plugin's reader refuses. */
const literal = (text = ''): unknown => (/^(-?\d{1,9}|true|false)$/.test(text) ? JSON.parse(text) : text);

/** Runtimes that know CNI 1.1.0 (STATUS and GC) choose it from `cniVersions`. Older ones read only `cniVersion`. */
function versions(portmap: readonly string[] | undefined): Readonly<Record<string, unknown>> {
  if (portmap !== undefined && !portmap.includes('1.1.0')) return { cniVersion: '1.0.0' };
  return { cniVersion: '1.0.0', cniVersions: ['1.0.0', '1.1.0'] };
}
