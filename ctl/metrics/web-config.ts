import { failure } from '../../shared/error/failure.ts';
import type { ServerTls } from '../../shared/platform/network.ts';
import { refuseFaults } from '../resource/fault.ts';
import type { Fields } from '../resource/resource.ts';
import { read } from '../schema/read.ts';
import { choice, flag, list, map, object, text } from '../schema/type.ts';

/** How the figures are served: TLS, users, and more headers. */
export interface WebConfig {
  readonly tls: ServerTls | undefined;
  /** By name, the bcrypt hash of the password. */
  readonly users: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Reads a file that the configuration names, by its path from the configuration's folder. */
export type ReadNamed = (path: string) => string;

const CLIENTS = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;
const HEADERS = [
  'Content-Security-Policy',
  'X-Frame-Options',
  'X-Content-Type-Options',
  'X-XSS-Protection',
  'Strict-Transport-Security',
] as const;

/** What Prometheus' exporters take. Of it, what is not served here is refused by name. */
const SHAPE = object({
  tls_server_config: object({
    cert: text(),
    key: text(),
    client_ca: text(),
    cert_file: text(),
    key_file: text(),
    client_ca_file: text(),
    client_auth_type: choice(CLIENTS),
    min_version: choice(['TLS10', 'TLS11', 'TLS12', 'TLS13']),
    max_version: choice(['TLS12', 'TLS13']),
    cipher_suites: list(text()),
    // Decided by the TLS library, as it is by Go's.
    prefer_server_cipher_suites: flag(),
  }),
  http_server_config: object({
    http2: flag(),
    headers: object(Object.fromEntries(HEADERS.map((name) => [name, text()]))),
  }),
  basic_auth_users: map(text()),
});

/** Reads a configuration; `content` is its parsed YAML. Throws a Failure that names `file`. */
export function readWebConfig(file: string, content: unknown, readNamed: ReadNamed): WebConfig {
  const reading = read(SHAPE, '', content);
  try {
    refuseFaults(reading.faults.map((fault) => ({ ...fault, field: fault.field.replace(/^\./, '') })));
  } catch (thrown) {
    throw failure(`${file}: ${thrown instanceof Error ? thrown.message.trim() : ''}`, undefined, thrown);
  }
  const fields = (reading.value ?? {}) as Fields;
  const tls = fields['tls_server_config'] as Fields | undefined;
  const http = fields['http_server_config'] as Fields | undefined;
  return {
    tls: tls === undefined ? undefined : tlsOf(file, tls, readNamed),
    users: usersOf(file, (fields['basic_auth_users'] ?? {}) as Readonly<Record<string, string>>),
    headers: (http?.['headers'] ?? {}) as Readonly<Record<string, string>>,
  };
}

function tlsOf(file: string, tls: Fields, readNamed: ReadNamed): ServerTls {
  const named = (name: 'cert' | 'key' | 'client_ca'): string => {
    const [inline, path] = [String(tls[name] ?? ''), String(tls[`${name}_file`] ?? '')];
    if (inline !== '' && path !== '')
      throw failure(`${file}: ${name} and ${name}_file are both set`, 'set one of them');
    return path === '' ? inline : readNamed(path);
  };
  const [cert, key, ca] = [named('cert'), named('key'), named('client_ca')];
  if (cert === '') throw failure(`${file}: missing cert or cert_file`, 'TLS needs a certificate and its key');
  if (key === '') throw failure(`${file}: missing key or key_file`, 'TLS needs a certificate and its key');
  return {
    protocols: ['http/1.1'],
    cert,
    key,
    ...clients(file, String(tls['client_auth_type'] ?? CLIENTS[0]), ca),
    ...(tls['min_version'] === 'TLS13' ? { minVersion: 'TLSv1.3' } : {}),
    ...(tls['max_version'] === 'TLS12' ? { maxVersion: 'TLSv1.2' } : {}),
    ...(Array.isArray(tls['cipher_suites']) ? { ciphers: suites(tls['cipher_suites'].map(String)) } : {}),
  };
}

/** Those of TLS 1.3 are always on, as in Go. */
const ALWAYS = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

const suites = (names: readonly string[]): readonly string[] => [
  ...ALWAYS,
  ...names.map((name) => name.replace(/_CHACHA20_POLY1305$/, '$&_SHA256')).filter((name) => !ALWAYS.includes(name)),
];

function clients(file: string, type: string, ca: string): Pick<ServerTls, 'clientCa' | 'clientOptional'> {
  if (type === 'NoClientCert') {
    if (ca === '') return {};
    throw failure(`${file}: client_ca without client_auth_type`, 'set client_auth_type: RequireAndVerifyClientCert');
  }
  if (!type.includes('Verify'))
    throw failure(
      `${file}: client_auth_type ${type} is not supported: it does not verify the certificate`,
      'set RequireAndVerifyClientCert or VerifyClientCertIfGiven',
    );
  if (ca === '') throw failure(`${file}: client_auth_type ${type} needs client_ca or client_ca_file`);
  return { clientCa: ca, ...(type === 'VerifyClientCertIfGiven' ? { clientOptional: true } : {}) };
}

/** $2a$, $2b$ and $2y$ with a cost from 4 to 14: that takes a second. */
const BCRYPT = /^\$2[aby]\$(?:0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}$/;

function usersOf(file: string, users: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [name, hash] of Object.entries(users)) {
    if (!BCRYPT.test(hash))
      throw failure(
        `${file}: basic_auth_users.${name} is no bcrypt hash with a cost from 4 to 14`,
        `make one with: htpasswd -nBC 10 ${/^\w+$/.test(name) ? name : 'USER'}`,
      );
    if (name.includes(':')) throw failure(`${file}: the user ${name} has a colon in its name`);
  }
  return users;
}
