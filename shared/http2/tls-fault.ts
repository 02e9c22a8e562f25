/** What is wrong with TLS, by the error code of a connection that failed. */
export type TlsFault =
  | 'certificate expired'
  | 'certificate not valid yet'
  /** The server's certificate is not signed by a trusted CA, or is for another host. */
  | 'certificate not trusted'
  /** The server does not accept our certificate, or requires one. */
  | 'our certificate refused'
  /** The server aborted the handshake for another reason. */
  | 'handshake refused';

/** Verdicts on a server's certificate, by OpenSSL's names. */
const VERDICT =
  /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|^(?:INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|PERMITTED_VIOLATION|UNHANDLED_CRITICAL_EXTENSION)$/;
/** A server's alert, by its number (RFC 8446, section 6). */
const ALERT = /^ERR_SSL_ALERT_(\d+)$/;
/** Alerts about the client's certificate: none, a bad, revoked or expired one, of an unknown authority, and the like. */
const ABOUT_OUR_CERTIFICATE = [41, 42, 43, 44, 45, 46, 48, 49, 51, 111, 113, 114, 116];

/** What is wrong; undefined when the code is not about TLS. */
export function tlsFault(code: string): TlsFault | undefined {
  const alert = ALERT.exec(code)?.[1];
  if (alert !== undefined) {
    return ABOUT_OUR_CERTIFICATE.includes(Number(alert)) ? 'our certificate refused' : 'handshake refused';
  }
  if (code === 'CERT_HAS_EXPIRED') return 'certificate expired';
  if (code === 'CERT_NOT_YET_VALID') return 'certificate not valid yet';
  return VERDICT.test(code) ? 'certificate not trusted' : undefined;
}

/** In the words of Go's TLS library. */
const UNUSABLE: Readonly<Record<string, string>> = {
  BAD_CERTIFICATE: 'x509: malformed certificate',
  BAD_KEY: 'tls: failed to parse private key',
  KEY_MISMATCH: 'tls: private key does not match public key',
  BAD_CA: 'x509: the CA certificates cannot be read',
};

/** Why a certificate, key or CA of ours cannot be used. */
export function unusableText(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return UNUSABLE[code] ?? 'the TLS settings cannot be used';
}
