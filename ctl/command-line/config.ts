import { existsSync, readFileSync } from 'node:fs';
import { asObject } from '../../shared/calico/stored.ts';
import { failure } from '../../shared/error/failure.ts';
import { type EtcdConfig, readEtcdConfig } from '../../shared/etcd/config.ts';
import { textOf } from '../resource/shape.ts';
import { parseDocuments } from '../text/yaml.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Settings = Readonly<Record<string, string>>;

/** The file with the settings, unless another is given. It may be missing. */
export const DEFAULT_CONFIG = '/etc/calico/calicoctl.cfg';

/**
 * How etcd is reached: as the CalicoAPIConfig file says, in which case the environment is ignored, else as the environment
 * does (`CALICO_` variables first). Throws in Calico's words.
 */
export function readConfig(file: string, env: Environment): EtcdConfig {
  if (existsSync(file)) return fromFile(file, env);
  if (file !== DEFAULT_CONFIG) throw failure(`Error reading config file: ${file}`, 'the file does not exist');
  const setting = (name: string) => env[`CALICO_${name}`] ?? env[name] ?? '';
  requireEtcd(setting('DATASTORE_TYPE'), setting('ETCD_ENDPOINTS') + setting('ETCD_DISCOVERY_SRV'), 'the environment');
  return readEtcdConfig({ datastoreType: '', etcd: NOTHING }, env);
}

const NOTHING = { endpoints: '', discoverySrv: '', keyFile: '', certFile: '', caCertFile: '' };

function fromFile(file: string, env: Environment): EtcdConfig {
  const settings = readSettings(file);
  const setting = (name: string) => settings[name] ?? '';
  requireEtcd(setting('datastoreType'), setting('etcdEndpoints') + setting('etcdDiscoverySrv'), file);
  const inline = readInline(settings);
  const etcd = {
    endpoints: setting('etcdEndpoints'),
    discoverySrv: setting('etcdDiscoverySrv'),
    keyFile: setting('etcdKeyFile'),
    certFile: setting('etcdCertFile'),
    caCertFile: setting('etcdCACertFile'),
  };
  // The environment's TLS settings, which the file cannot contain, and the file's values in place of the environment's.
  const own = Object.entries(env).filter(([name]) => /^(?:TLS_|SSL_)/.test(name));
  const user = { ETCD_USERNAME: setting('etcdUsername'), ETCD_PASSWORD: setting('etcdPassword') };
  const config = readEtcdConfig({ datastoreType: 'etcdv3', etcd }, { ...Object.fromEntries(own), ...user });
  return { ...config, tls: { ...config.tls, ...inline } };
}

/** Certificates contained in the file itself. */
function readInline(settings: Settings): Partial<EtcdConfig['tls']> {
  const { etcdKey: key = '', etcdCert: cert = '', etcdCACert: ca = '' } = settings;
  if (key === '' && cert === '' && ca === '') return {};
  const { etcdKeyFile = '', etcdCertFile = '', etcdCACertFile = '' } = settings;
  if (etcdKeyFile + etcdCertFile + etcdCACertFile !== '') {
    throw failure('Cannot mix inline certificate-key and certificate / key files');
  }
  if ((key === '') !== (cert === '')) {
    throw failure('could not initialize etcdv3 client: Certificate and Key must both be present inline.');
  }
  return { ...(key !== '' && { pair: { cert, key } }), ...(ca !== '' && { ca }) };
}

/** The fields of a CalicoAPIConfig's spec. */
const KNOWN =
  /^(?:datastoreType|etcd(?:Endpoints|DiscoverySrv|Username|Password|(?:Key|Cert|CACert)(?:File)?)|kubeconfig(?:Inline)?|k8s\w+|usePodCIDR|calicoAPIGroup)$/;

/** Those that are used here. */
const TEXTS = /^(?:datastoreType|etcd)/;

function readSettings(file: string): Settings {
  const [document, ...more] = parseDocuments(file, readText(file));
  const { apiVersion, kind, spec } = asObject(document) ?? {};
  const wrong = (why: string) => failure(`syntax error in ${file}: ${why}`);
  const config = (why: string) => wrong(`invalid config file: ${why}`);
  if (apiVersion !== 'projectcalico.org/v3') throw config(`unknown APIVersion '${textOf(apiVersion)}'`);
  if (kind !== 'CalicoAPIConfig') throw config(`expected kind 'CalicoAPIConfig', got '${textOf(kind)}'`);
  if (more.length > 0) throw wrong('expected a single document');
  return settingsOf(spec ?? {}, wrong);
}

function settingsOf(spec: unknown, wrong: (why: string) => Error): Settings {
  const given = asObject(spec);
  if (given === undefined) throw wrong('spec must be an object');
  const fields = Object.entries(given);
  for (const [name, value] of fields) {
    if (!KNOWN.test(name)) throw wrong(`failed to parse config as YAML/JSON: unknown field "spec.${name}"`);
    if (TEXTS.test(name) && typeof (value ?? '') !== 'string') throw wrong(`spec.${name} must be a string`);
  }
  return Object.fromEntries(fields.map(([name, value]) => [name, String(value ?? '')]));
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw failure(`Error reading config file: ${file}`, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** The original takes Kubernetes' API for the datastore when no endpoints are given; this version serves etcd alone. */
function requireEtcd(type: string, endpoints: string, where: string): void {
  if (type === 'etcdv3' || (type === '' && endpoints !== '')) return;
  if (type !== '' && type !== 'kubernetes') throw failure(`unknown datastore type: ${type}`);
  const unset =
    'neither a datastore type nor etcd endpoints are set, so the type defaults to kubernetes, which is not supported';
  throw failure(
    type === '' ? unset : 'the datastore type kubernetes is not supported',
    `This program works with etcd only so far. Set ETCD_ENDPOINTS in the environment, or datastoreType: etcdv3 and etcdEndpoints in ${DEFAULT_CONFIG} or in the file given with --config (settings came from: ${where}).`,
  );
}
