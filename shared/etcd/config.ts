import type { NetConf } from '../cni/netconf.ts';
import { settingsOf } from '../cni/setting.ts';
import { failure } from '../error/failure.ts';
import { readTls, type TlsSettings } from '../http2/tls-settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Time limits, in milliseconds. */
interface Limits {
  /** For an endpoint to greet. */
  readonly connect: number;
  /** For a request to be answered. */
  readonly request: number;
  /** Before the next endpoint is tried as well, when one does not answer. */
  readonly patience: number;
}

/** Where etcd is, and how to connect to it. */
export interface EtcdConfig {
  /** As configured, trimmed; empty when `discoverySrv` is set. */
  readonly endpoints: readonly string[];
  /** The domain whose SRV records name the endpoints; '' when not used. */
  readonly discoverySrv: string;
  readonly user: { readonly name: string; readonly password: string } | undefined;
  readonly tls: TlsSettings;
  readonly limits: Limits;
}

const LIMITS: Limits = { connect: 5_000, request: 10_000, patience: 250 };

/**
 * Reads the etcd settings of a network configuration and the environment: a CALICO_ variable takes precedence over the
 * configuration, and that over the plain variable. Throws error 999 in Calico's words for invalid or unsupported settings.
 */
export function readEtcdConfig(conf: Pick<NetConf, 'datastoreType' | 'etcd'>, env: Environment): EtcdConfig {
  const setting = settingsOf(env);
  const endpoints = setting('ETCD_ENDPOINTS', conf.etcd.endpoints);
  const discoverySrv = setting('ETCD_DISCOVERY_SRV', conf.etcd.discoverySrv);
  refuseOtherDatastores(setting('DATASTORE_TYPE', conf.datastoreType), endpoints, discoverySrv);
  if (endpoints !== '' && discoverySrv !== '') throw failure(BOTH);
  const list = splitList(endpoints);
  if (list.length === 0 && discoverySrv === '') throw failure('no etcd endpoints specified');
  const files = {
    key: setting('ETCD_KEY_FILE', conf.etcd.keyFile),
    cert: setting('ETCD_CERT_FILE', conf.etcd.certFile),
    ca: setting('ETCD_CA_CERT_FILE', conf.etcd.caCertFile),
  };
  const name = setting('ETCD_USERNAME');
  const password = setting('ETCD_PASSWORD');
  return {
    endpoints: list,
    discoverySrv,
    user: name !== '' && password !== '' ? { name, password } : undefined,
    tls: readTls(files, env),
    limits: LIMITS,
  };
}

function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

const BOTH = 'multiple discovery or bootstrap options specified, use either "etcdEndpoints" or "etcdDiscoverySrv"';

/** Without a type and endpoints, the datastore is the Kubernetes API, as in the original. */
function refuseOtherDatastores(type: string, endpoints: string, discoverySrv: string): void {
  if (type === 'etcdv3' || (type === '' && endpoints !== '')) return;
  if (type !== '' && type !== 'kubernetes') throw failure(`unknown datastore type: ${type}`);
  const unset =
    discoverySrv === ''
      ? 'no etcd endpoints: neither etcd_endpoints nor datastore_type is set'
      : 'datastore_type is not set, and etcd_discovery_srv alone does not make it etcdv3';
  throw failure(
    type === '' ? unset : 'datastore_type is kubernetes, not etcdv3',
    'To use etcd, set "datastore_type": "etcdv3" and "etcd_endpoints" in the network configuration, or DATASTORE_TYPE and ETCD_ENDPOINTS in the environment.',
  );
}
