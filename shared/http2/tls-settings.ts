import { Failure, failure } from '../error/failure.ts';
import { holdsPem } from '../net/pem.ts';
import { errnoName, errnoText } from '../system/errno.ts';
import { readText as readFile } from '../system/files.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The TLS settings of connections, as PEM texts. */
export interface TlsSettings {
  /** The client's certificate and key. */
  readonly pair: { readonly cert: string; readonly key: string } | undefined;
  /** The trusted CAs; undefined: those in the first of `roots` that can be read. */
  readonly ca: string | undefined;
  /** Files with the system's CAs. */
  readonly roots: readonly string[];
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** IANA's names; undefined: all that there are. */
  readonly ciphers: readonly string[] | undefined;
}

/** Names of PEM files, '' for none. */
export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

/** Reads the files and the two variables of Calico's TLS settings. Throws a Failure in the words of Calico's etcd client. */
export function readTls(files: TlsFiles, env: Environment): TlsSettings {
  return {
    pair: readPair(files),
    ca: files.ca === '' ? undefined : readPem(files.ca, 'certificate', 'CA certificate'),
    roots: rootsOf(env),
    // Like the original, which only warns of an unknown version.
    minVersion: env['TLS_MIN_VERSION'] === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
    ciphers: readCiphers(env['TLS_CIPHER_SUITES'] ?? ''),
  };
}

/** Where distributions keep their CAs: Debian and Alpine, Red Hat, SUSE. */
export const SYSTEM_ROOTS = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
];

/** The files with the system's CAs, or the one that SSL_CERT_FILE names. */
export const rootsOf = (env: Environment): readonly string[] =>
  env['SSL_CERT_FILE'] ? [env['SSL_CERT_FILE']] : SYSTEM_ROOTS;

/** The system's CAs, read only for TLS without configured ones; undefined: there are none, and no certificate is trusted. */
export function readRoots(files: readonly string[]): string | undefined {
  for (const file of files) {
    try {
      return readFile(file);
    } catch {
      // Try the next distribution's file.
    }
  }
  return undefined;
}

const unusable = (what: string, where?: string): Failure =>
  new Failure('tls not accepted', `could not initialize etcdv3 client: ${what}`, { where });

function readPair({ key, cert }: TlsFiles): TlsSettings['pair'] {
  if (key === '' && cert === '') return undefined;
  if (key === '' || cert === '') {
    throw unusable(`KeyFile and CertFile must both be present[key: ${key}, cert: ${cert}]`);
  }
  return { cert: readPem(cert, 'certificate', 'certificate'), key: readPem(key, 'key', 'key') };
}

function readPem(path: string, what: string, meant: string): string {
  const text = readText(path);
  if (!holdsPem(text)) {
    throw unusable(`tls: failed to find any PEM data in ${what} input`, `${path} should hold the ${meant}`);
  }
  return text;
}

function readText(path: string): string {
  try {
    return readFile(path);
  } catch (thrown) {
    // An error says 'ENOENT: no such file or directory, open …', Go the same in another order.
    const { syscall = 'open' } = thrown as { readonly syscall?: string };
    const why = errnoName(thrown) === 'EISDIR' ? 'is a directory' : errnoText(thrown);
    throw unusable(`${syscall} ${path}: ${why}`);
  }
}

/** Those of Calico's cipher suites that our TLS library has. */
const SUITES = [
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
];
/** Calico's others, without forward secrecy or authenticated encryption: our TLS library has none of that kind. */
const WEAK = [
  'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA',
  'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
  'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
  'TLS_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_RSA_WITH_AES_128_GCM_SHA256',
];

/** Those of TLS 1.3 are always on, as in Go. */
const ALWAYS_ON = ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'];

function readCiphers(text: string): readonly string[] | undefined {
  if (text === '') return undefined;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !SUITES.includes(name) && !ALWAYS_ON.includes(name));
  if (unknown !== undefined) {
    throw failure(
      `failed to create TLS Config: failed to create TLS Config: unsupported cipher: ${unknown}`,
      WEAK.includes(unknown)
        ? `TLS_CIPHER_SUITES: this version has only ${SUITES.join(', ')} and those of TLS 1.3`
        : undefined,
    );
  }
  return [...new Set([...ALWAYS_ON, ...names])];
}
