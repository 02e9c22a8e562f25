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

/** OpenSSL's verdicts on a certificate (X509_V_ERR_…), and Node's and Bun's own on its names. */
const VERDICT = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|KEY_VALUES_MISMATCH/;
/** A server's alert: `ERR_SSL_`, the TLS version that introduced it, and its name (RFC 8446, section 6). */
const ALERT = /^ERR_SSL_.*ALERT_(\w+)$/;
/** Alerts about the client's certificate. */
const ABOUT_OUR_CERTIFICATE = /CERT|UNKNOWN_CA$|ACCESS_DENIED$|DECRYPT_ERROR$/;

/** What is wrong; undefined when the code is not about TLS. */
export function tlsFault(code: string): TlsFault | undefined {
  const alert = ALERT.exec(code)?.[1];
  if (alert !== undefined) return ABOUT_OUR_CERTIFICATE.test(alert) ? 'our certificate refused' : 'handshake refused';
  if (code === 'CERT_HAS_EXPIRED') return 'certificate expired';
  if (code === 'CERT_NOT_YET_VALID') return 'certificate not valid yet';
  return VERDICT.test(code) ? 'certificate not trusted' : undefined;
}

/** The code of a TLS error: Bun names a server's alert only in the message, Node in the code. */
export function tlsCode(error: Error & { readonly code?: string | undefined }): string | undefined {
  const alert = /OPENSSL_internal:(\w+)/.exec(error.message)?.[1];
  return alert === undefined ? error.code : `ERR_SSL_${alert}`;
}
