import type { TextFile } from './findings.ts';
import type { InstallRecord } from './record.ts';

/** How a record marks a text that was made from the built-in list. */
export const builtInMark = (sha256: string): string => `built-in:${sha256}`;

/** The values in an earlier built-in list on this node. */
export interface Earlier {
  readonly name: string;
  /** Its values as the environment would give them. */
  readonly env: Readonly<Record<string, string>>;
}

/** The keys that the environment sets, except nodename. */
const VARIABLES: Readonly<Record<string, string>> = {
  log_level: 'LOG_LEVEL',
  log_file_path: 'LOG_FILE_PATH',
  datastore_type: 'DATASTORE_TYPE',
  calico_api_group: 'CALICO_API_GROUP',
  etcd_endpoints: 'ETCD_ENDPOINTS',
  etcd_discovery_srv: 'ETCD_DISCOVERY_SRV',
  mtu: 'CNI_MTU',
  require_mtu_file: 'REQUIRE_MTU_FILE',
};
/** The keys of the built-in list from before records marked it. */
const UNMARKED = [
  ...['type', 'log_level', 'log_file_path', 'datastore_type', 'etcd_endpoints', 'etcd_discovery_srv'],
  ...['etcd_ca_cert_file', 'etcd_cert_file', 'etcd_key_file', 'nodename', 'mtu', 'ipam', 'policy', 'kubernetes'],
  'require_mtu_file',
];

/** How a file got to where it is. */
interface Origin {
  /** The record's entry for its place. */
  readonly sums: InstallRecord[string];
  readonly hasKubeconfig: boolean;
  readonly hostname: string;
}

/**
 * The built-in list of an earlier installation, which a new one may replace. Undefined for anything else: a file that was
 * changed since, that came from a template, or that was there before. Old records do not distinguish a template from the built-
 * in list: then only one that cannot work, because its kubeconfig is missing, counts.
 */
export function earlierBuiltIn({ sha256, text }: TextFile, origin: Origin): Earlier | undefined {
  const { sums, hasKubeconfig, hostname } = origin;
  const isOurs = sums.includes(sha256) && (sums.includes(builtInMark(sha256)) || (!hasKubeconfig && isUnmarked(text)));
  if (!isOurs) return undefined;
  const { name, plugins } = JSON.parse(text) as List;
  const [entry = {}] = plugins;
  const given = Object.entries(VARIABLES).map(([key, variable]) => [variable, String(entry[key] ?? '')] as const);
  const node = String(entry['nodename'] ?? '');
  // The host's name was never more than a default.
  const named = node === hostname ? [] : [['KUBERNETES_NODE_NAME', node] as const];
  return { name, env: Object.fromEntries([...given, ...named].filter(([, value]) => value !== '')) };
}

interface List {
  readonly name: string;
  readonly plugins: readonly Readonly<Record<string, unknown>>[];
}

function isUnmarked(text: string): boolean {
  try {
    const { name, plugins } = JSON.parse(text) as Partial<List>;
    const [ours, portmap, ...more] = plugins ?? [];
    const keys = Object.keys(ours ?? {});
    return (
      name === 'k8s-pod-network' &&
      portmap?.['type'] === 'portmap' &&
      more.length === 0 &&
      keys.length === UNMARKED.length &&
      keys.every((key) => UNMARKED.includes(key))
    );
  } catch {
    return false;
  }
}

/** The environment, completed from the earlier list, without the list's datastore if the environment names another. */
export function carriedOn(
  env: Readonly<Record<string, string | undefined>>,
  earlier: Earlier | undefined,
): Readonly<Record<string, string | undefined>> {
  const said = Object.fromEntries(Object.entries(env).filter(([, value]) => (value ?? '') !== ''));
  const etcd = ['ETCD_ENDPOINTS', 'ETCD_DISCOVERY_SRV'];
  const isNamed = etcd.some((name) => said[name] !== undefined);
  const dropped = isNamed ? [...etcd, 'DATASTORE_TYPE'] : [];
  const kept = Object.entries(earlier?.env ?? {}).filter(([name]) => !dropped.includes(name));
  return { ...Object.fromEntries(kept), ...said };
}
