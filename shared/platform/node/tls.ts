import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, createSecureContext, type TlsOptions } from 'node:tls';
import type { NetworkError, ServerTls, Tls } from '../network.ts';

/** OpenSSL's names of TLS 1.2's cipher suites; those of 1.3 have no others. */
const SUITES: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
};

export function tlsOptions({
  protocols,
  verify,
  serverName,
  ciphers,
  ca,
  cert,
  key,
  minVersion,
}: Tls): ConnectionOptions {
  return {
    ALPNProtocols: [...protocols],
    rejectUnauthorized: verify,
    ca: ca ?? [],
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(ciphers === undefined ? {} : { ciphers: ciphers.map((name) => SUITES[name] ?? name).join(':') }),
  };
}

/** The options of a server. */
export const serverOptions = (tls: ServerTls): TlsOptions => ({
  ALPNProtocols: [...tls.protocols],
  cert: tls.cert,
  key: tls.key,
  ...(tls.clientCa === undefined
    ? {}
    : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: !tls.clientOptional }),
  ...(tls.minVersion === undefined ? {} : { minVersion: tls.minVersion }),
  ...(tls.maxVersion === undefined ? {} : { maxVersion: tls.maxVersion }),
  ...(tls.ciphers === undefined ? {} : { ciphers: tls.ciphers.map((name) => SUITES[name] ?? name).join(':') }),
});

/** A host's name is valid only among the alternative names, as in Go: Node.js falls back to the Common Name. */
export const strictIdentity: typeof checkServerIdentity = (host, certificate) => {
  const isNamed = hasHost(certificate.subjectaltname);
  if (isNamed || isIP(host) !== 0) return checkServerIdentity(host, certificate);
  const why = `the certificate has no subjectAltName for ${host}: its Common Name is ignored; reissue it`;
  return Object.assign(new Error(why), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
};

/** Whether a list of alternative names, as Node.js writes it, has a host's. */
const hasHost = (list = ''): boolean => /(?:^|, )DNS:/.test(list.replace(/"(?:[^"\\]|\\.)*"/g, '""'));

/** Throws, with the code of network.ts, when TLS options cannot be used. */
export function requireUsable({ ca, cert, key, ciphers }: Tls): void {
  const unknown = ciphers?.find((name) => SUITES[name] === undefined && !/^TLS_(?:AES|CHACHA20)/.test(name));
  if (unknown !== undefined) throw coded('BAD_CIPHER', unknown);
  if (cert !== undefined) attempt('BAD_CERTIFICATE', () => new X509Certificate(cert));
  if (key !== undefined) attempt('BAD_KEY', () => createPrivateKey(key));
  if (cert !== undefined && key !== undefined) attempt('KEY_MISMATCH', () => createSecureContext({ cert, key }));
  if (ca !== undefined) attempt('BAD_CA', () => createSecureContext({ ca }));
}

function attempt(code: string, work: () => unknown): void {
  try {
    work();
  } catch (thrown) {
    throw coded(code, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

const coded = (code: string, message: string): NetworkError => Object.assign(new Error(message), { code });

/** The code of an error, an alert by its number. */
export function codeOf(error: NetworkError): string | undefined {
  const alert = /alert number (\d+)/i.exec(error.message)?.[1];
  return alert === undefined ? error.code : `ERR_SSL_ALERT_${alert}`;
}
