import type { NetConf } from '../cni/netconf.ts';
import { failure } from '../error/failure.ts';
import { readTls, type TlsSettings } from '../http2/tls.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How long things may take, in milliseconds. */
interface Limits {
  /** Until an endpoint must have greeted. */
  readonly connect: number;
  /** Until a request must be answered. */
  readonly request: number;
  /** Until the next endpoint is tried beside one that stays silent. */
  readonly patience: number;
}

/** Where etcd is and how it is spoken to. */
export interface EtcdConfig {
  /** As configured, blanks trimmed; empty when `discoverySrv` is given. */
  readonly endpoints: readonly string[];
  /** The domain whose SRV records name the endpoints; '' when not used. */
  readonly discoverySrv: string;
  readonly user: { readonly name: string; readonly password: string } | undefined;
  readonly tls: TlsSettings;
  readonly limits: Limits;
}

const LIMITS: Limits = { connect: 5_000, request: 10_000, patience: 250 };

/**
 * The etcd that a network configuration and the environment name: a CALICO_ variable beats the configuration, which beats the
 * plain variable. Throws a Failure in Calico's words for what cannot be meant, files that cannot be read, and other datastores.
 */
export function readEtcdConfig(conf: Pick<NetConf, 'datastoreType' | 'etcd'>, env: Environment): EtcdConfig {
  // Go looks a variable up, so that an empty CALICO_ one counts; empty values of the configuration do not.
  const setting = (name: string, configured: string) => env[`CALICO_${name}`] ?? (configured || (env[name] ?? ''));
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
  const name = setting('ETCD_USERNAME', '');
  const password = setting('ETCD_PASSWORD', '');
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

/** The original takes Kubernetes' API for the datastore when no endpoints are given; this version serves etcd alone. */
function refuseOtherDatastores(type: string, endpoints: string, discoverySrv: string): void {
  if (type === 'etcdv3' || (type === '' && endpoints !== '')) return;
  if (type !== '' && type !== 'kubernetes') throw failure(`unknown datastore type: ${type}`);
  const unset =
    discoverySrv === ''
      ? 'no etcd endpoints: neither etcd_endpoints nor datastore_type is set'
      : 'datastore_type is not set, and etcd_discovery_srv alone does not make it etcdv3';
  throw failure(
    type === '' ? unset : 'datastore_type is kubernetes: not supported',
    'This version keeps its data in etcd. Set "datastore_type": "etcdv3" and "etcd_endpoints" in the network configuration, or DATASTORE_TYPE and ETCD_ENDPOINTS in the environment.',
  );
}
