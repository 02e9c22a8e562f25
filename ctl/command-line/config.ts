import { asObject } from '../../shared/calico/stored.ts';
import type { KubernetesTarget } from '../../shared/call/open-kubernetes.ts';
import { failure } from '../../shared/error/failure.ts';
import { type EtcdConfig, readEtcdConfig } from '../../shared/etcd/config.ts';
import { exists, readBytes } from '../../shared/system/files.ts';
import { textOf } from '../resource/shape.ts';
import { exactText } from '../text/utf8.ts';
import { parseDocuments } from '../text/yaml.ts';
import { targetInEnvironment, targetInFile, typeFor, typeIn } from './kubernetes-target.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Settings = Readonly<Record<string, string>>;

/** The file with the settings, unless another is given. It may be missing. */
export const DEFAULT_CONFIG = '/etc/calico/calicoctl.cfg';

/** How the datastore is reached. */
export type Target =
  | { readonly type: 'etcdv3'; readonly etcd: EtcdConfig }
  | { readonly type: 'kubernetes'; readonly kubernetes: KubernetesTarget };

/**
 * How the datastore is reached: as the CalicoAPIConfig file says, in which case the environment is ignored, else as the
 * environment does (`CALICO_` variables first). Throws in Calico's words.
 */
export function readConfig(file: string, env: Environment): Target {
  if (exists(file)) return fromFile(file, env);
  if (file !== DEFAULT_CONFIG) throw failure(`Error reading config file: ${file}`, 'the file does not exist');
  const type = knownType(typeIn(env));
  if (type === 'kubernetes') return { type, kubernetes: targetInEnvironment(env) };
  return { type, etcd: readEtcdConfig({ datastoreType: '', etcd: NOTHING }, env) };
}

function knownType(type: string): Target['type'] {
  if (type === 'etcdv3' || type === 'kubernetes') return type;
  throw failure(`unknown datastore type: ${type}`, 'it must be kubernetes or etcdv3');
}

const NOTHING = { endpoints: '', discoverySrv: '', keyFile: '', certFile: '', caCertFile: '' };

function fromFile(file: string, env: Environment): Target {
  const settings = readSettings(file);
  const { datastoreType = '', etcdEndpoints = '', etcdDiscoverySrv = '' } = settings;
  const type = knownType(datastoreType || typeFor(etcdEndpoints + etcdDiscoverySrv));
  if (type === 'kubernetes') return { type, kubernetes: targetInFile(settings, env) };
  return { type, etcd: etcdIn(settings, env) };
}

function etcdIn(settings: Settings, env: Environment): EtcdConfig {
  const setting = (name: string) => settings[name] ?? '';
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

/** Those whose values are texts. */
const TEXTS =
  /^(?:datastoreType|etcd|kubeconfig|calicoAPIGroup|k8s(?:APIEndpoint|APIToken|KeyFile|CertFile|CAFile|CurrentContext)$)/;

function readSettings(file: string): Settings {
  const [document, ...more] = parseDocuments(file, exactText(file, contentOf(file)));
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

function contentOf(file: string): Uint8Array {
  try {
    return readBytes(file);
  } catch (thrown) {
    throw failure(`Error reading config file: ${file}`, thrown instanceof Error ? thrown.message : String(thrown));
  }
}
