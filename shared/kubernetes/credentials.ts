import { base64 } from '../bytes/text.ts';
import { failure } from '../error/failure.ts';
import { readRoots, rootsOf } from '../http2/tls-settings.ts';
import { parseUrl, type Url } from '../net/url.ts';
import type { Tls } from '../platform/network.ts';
import { errnoText } from '../system/errno.ts';
import { readText } from '../system/files.ts';
import type { ApiConfig, Material } from './api-config.ts';
import { type PluginRuns, runExecPlugin } from './exec-plugin.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A server and everything that requests to it need, with files read. */
export interface Access {
  readonly server: Url;
  /** Undefined for plain HTTP. */
  readonly tls: TlsAccess | undefined;
  /** The Authorization header; undefined without credentials or without TLS. */
  readonly authorization: string | undefined;
  /** The file with the credentials; '' for none. */
  readonly source: string;
}

/** TLS options for any protocol. */
export type TlsAccess = Omit<Tls, 'protocols'>;

/** Reads the configured files. Credentials are sent only over TLS (as Calico). Throws a Failure naming the file. */
export function readAccess(config: ApiConfig, env: Environment, plugins?: PluginRuns): Access {
  const server = serverUrl(config);
  if (server.protocol === 'http:') return { server, tls: undefined, authorization: undefined, source: config.source };
  requirePair(config);
  const trusted = trust(config, env);
  const own = { cert: pem(config.cert, 'client-cert'), key: pem(config.key, 'client-key'), ...bearer(config) };
  const issued =
    config.exec === undefined || own.token !== ''
      ? undefined
      : runExecPlugin(config.exec, config, trusted.ca, env, plugins);
  const { cert, key, token } = { ...own, ...issued };
  return {
    server,
    tls: { ...trusted, ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) },
    authorization: authorization(token ?? '', config),
    source: own.tokenSource || config.source,
  };
}

/** Without its other half, requests would be anonymous, and refused for the wrong reason. */
function requirePair({ cert, key, source }: ApiConfig): void {
  if ((cert === undefined) === (key === undefined)) return;
  const missing = cert === undefined ? 'client-certificate' : 'client-key';
  const what = `${missing}-data or ${missing} must be specified to use the clientCert authentication method`;
  throw failure(`invalid configuration: ${what}`, source);
}

function serverUrl({ server, source }: ApiConfig): Url {
  const url = parseUrl(server);
  if (url === undefined) throw failure(`host must be a URL or a host:port pair: ${JSON.stringify(server)}`, source);
  return url;
}

function trust(config: ApiConfig, env: Environment): TlsAccess {
  const name = config.tlsServerName === '' ? {} : { serverName: config.tlsServerName };
  if (config.insecure) return { verify: false, ...name };
  const ca = pem(config.ca, 'certificate-authority') ?? readRoots(rootsOf(env));
  return { verify: true, ...(ca === undefined ? {} : { ca }), ...name };
}

interface Bearer {
  readonly token: string;
  /** The file that holds only the token. */
  readonly tokenSource: string;
}

/** A token file is renewed in place, so it is fresher than a token in the configuration. */
function bearer({ token, tokenFile }: ApiConfig): Bearer {
  if (tokenFile === '') return { token, tokenSource: '' };
  try {
    return { token: tokenIn(tokenFile), tokenSource: tokenFile };
  } catch (thrown) {
    if (token !== '') return { token, tokenSource: '' };
    throw thrown;
  }
}

/** A file without a token, as while it is being renewed, is an error: anonymous requests would be refused for the wrong reason. */
function tokenIn(file: string): string {
  const token = readTokenFile(file).trim();
  if (token === '') throw failure(`read empty token from file ${JSON.stringify(file)}`, NAMED);
  return token;
}

function readTokenFile(file: string): string {
  try {
    return readText(file);
  } catch (thrown) {
    throw failure(`open ${file}: ${errnoText(thrown)}`, NAMED, thrown);
  }
}

const NAMED = 'the kubeconfig names it as tokenFile';

function pem(material: Material | undefined, what: string): string | undefined {
  if (material === undefined) return undefined;
  if ('data' in material) return material.data;
  try {
    return readText(material.file);
  } catch (thrown) {
    const why = `unable to read ${what} ${material.file} due to open ${material.file}: ${errnoText(thrown)}`;
    throw failure(`invalid configuration: ${why}`, undefined, thrown);
  }
}

function authorization(token: string, { username, password }: ApiConfig): string | undefined {
  if (token !== '') return `Bearer ${token}`;
  if (username === '') return undefined;
  return `Basic ${base64(`${username}:${password}`)}`;
}
