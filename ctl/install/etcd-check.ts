import type { NetConf } from '../../shared/cni/netconf.ts';
import type { Reader } from '../../shared/cni/reader.ts';
import { failure } from '../../shared/error/failure.ts';
import { readEndpoint, type ServerEndpoint } from '../../shared/net/endpoint.ts';

/** What is known about certificates and keys when a network configuration is checked. */
export interface TlsFacts {
  /** The folder that they are copied from, and whether it exists. */
  readonly assets: string;
  readonly hasAssets: boolean;
  /** Which of etcd-ca, etcd-cert and etcd-key the node has or will have. */
  readonly certificates: readonly string[];
  /** What the configuration was made from, or that it is the node's own and stays. */
  readonly source: 'built-in' | 'template' | 'kept';
  /** Whether a file will be on the node; true if that cannot be seen from here. */
  readonly isThere: (path: string) => boolean;
}

const FILES = ['etcd_ca_cert_file', 'etcd_cert_file', 'etcd_key_file'] as const;
const NAMES = ['etcd-ca', 'etcd-cert', 'etcd-key'];

const endpointsOf = ({ etcd }: NetConf): readonly ServerEndpoint[] =>
  etcd.endpoints
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map(readEndpoint);

/** Refuses endpoints if none of them can be called. Returns remarks on the others. */
export function requireEndpoints(conf: NetConf): readonly string[] {
  const endpoints = endpointsOf(conf);
  const bad = endpoints.filter(({ url }) => url === undefined).map(({ text }) => JSON.stringify(text));
  if (endpoints.length > 0 && bad.length === endpoints.length) {
    throw failure(`etcd_endpoints is ${bad.join(', ')}, not http://HOST:PORT or https://HOST:PORT`);
  }
  if (endpoints.length === 0 && conf.etcd.discoverySrv === '') {
    return ['the network configuration has no etcd_endpoints: the runtime’s environment must set ETCD_ENDPOINTS'];
  }
  return bad.map((text) => `etcd_endpoints has ${text}, which is not http://HOST:PORT or https://HOST:PORT`);
}

/** Refuses missing certificates and keys, and one without the other. Returns remarks. */
export function requireTls(plugin: Reader, conf: NetConf, facts: TlsFacts): readonly string[] {
  const { keyFile, certFile, caCertFile } = conf.etcd;
  if (certFile !== '' && keyFile === '') throw onlyOne('etcd_cert_file', 'etcd_key_file', facts);
  if (keyFile !== '' && certFile === '') throw onlyOne('etcd_key_file', 'etcd_cert_file', facts);
  const gone = FILES.find((key) => plugin.text(key) !== '' && !facts.isThere(plugin.text(key)));
  if (gone !== undefined) throw notThere(gone, plugin.text(gone), facts);
  const secure = endpointsOf(conf).find(({ secure: isSecure, url }) => isSecure && url !== undefined);
  if (secure === undefined || caCertFile !== '') return [];
  if (certFile === '' && wantsFiles(plugin, facts)) throw withoutFiles(secure, facts);
  return [
    `etcd at ${secure.text} uses TLS and no etcd_ca_cert_file is given: its certificate must be signed by one of the node’s own CAs`,
  ];
}

/** A template without certificates is taken as meant, and so is a configuration that is already in use. */
const wantsFiles = (plugin: Reader, { source }: TlsFacts): boolean =>
  source === 'built-in' || (source === 'template' && FILES.some((key) => plugin.has(key)));

const notThere = (key: string, path: string, facts: TlsFacts): Error =>
  failure(`${key}: ${path} is not there`, /\/calico-tls\/etcd-\w+$/.test(path) ? whatIsMissing(facts) : undefined);

const onlyOne = (has: string, lacks: string, facts: TlsFacts): Error =>
  failure(`${has} is given and ${lacks} is not: etcd needs both`, whatIsMissing(facts));

function withoutFiles({ text, schemeless }: ServerEndpoint, facts: TlsFacts): Error {
  return failure(
    `etcd at ${text} uses TLS${schemeless ? ' (its URL has no scheme)' : ''} but there is no certificate for it`,
    `${whatIsMissing(facts)}; if etcd’s certificate is signed by one of the node’s own CAs, use a template without etcd_ca_cert_file, etcd_cert_file and etcd_key_file`,
  );
}

/** Which files are missing in which folder, and what to do. */
function whatIsMissing({ assets, hasAssets, certificates }: TlsFacts): string {
  const missing = NAMES.filter((name) => !certificates.includes(name)).join(', ');
  if (!hasAssets)
    return `the folder ${assets} does not exist: put ${missing} there, or set TLS_ASSETS_DIR to their folder`;
  return `${assets} has no ${missing}: put them there, or set TLS_ASSETS_DIR to their folder`;
}
