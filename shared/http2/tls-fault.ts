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

/** Verdicts on a server's certificate, in OpenSSL's words, which Calico's users know from other programs. */
const VERDICTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'certificate has expired',
  CERT_NOT_YET_VALID: 'certificate is not yet valid',
  INVALID_PURPOSE: 'unsupported certificate purpose',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unable to verify the first certificate',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self signed certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'self signed certificate in certificate chain',
  CERT_SIGNATURE_FAILURE: 'certificate signature failure',
};
/** The certificate is for another host. */
export const WRONG_NAME = 'ERR_TLS_CERT_ALTNAME_INVALID';

/** A server's alerts by number (RFC 8446, section 6). */
const ALERTS: Readonly<Record<string, string>> = {
  10: 'UNEXPECTED_MESSAGE',
  20: 'BAD_RECORD_MAC',
  40: 'HANDSHAKE_FAILURE',
  42: 'BAD_CERTIFICATE',
  43: 'UNSUPPORTED_CERTIFICATE',
  44: 'CERTIFICATE_REVOKED',
  45: 'CERTIFICATE_EXPIRED',
  46: 'CERTIFICATE_UNKNOWN',
  47: 'ILLEGAL_PARAMETER',
  48: 'UNKNOWN_CA',
  49: 'ACCESS_DENIED',
  50: 'DECODE_ERROR',
  51: 'DECRYPT_ERROR',
  70: 'PROTOCOL_VERSION',
  71: 'INSUFFICIENT_SECURITY',
  80: 'INTERNAL_ERROR',
  112: 'UNRECOGNIZED_NAME',
  116: 'CERTIFICATE_REQUIRED',
  120: 'NO_APPLICATION_PROTOCOL',
};
const ALERT = /^ERR_SSL_ALERT_(\w+)$/;
/** Alerts about the client's certificate. */
const ABOUT_OUR_CERTIFICATE = /CERT|UNKNOWN_CA$|ACCESS_DENIED$|DECRYPT_ERROR$/;

/** What is wrong; undefined when the code is not about TLS. */
export function tlsFault(code: string): TlsFault | undefined {
  const alert = ALERT.exec(code)?.[1];
  if (alert !== undefined) return ABOUT_OUR_CERTIFICATE.test(alert) ? 'our certificate refused' : 'handshake refused';
  if (code === 'CERT_HAS_EXPIRED') return 'certificate expired';
  if (code === 'CERT_NOT_YET_VALID') return 'certificate not valid yet';
  return code in VERDICTS || code === WRONG_NAME ? 'certificate not trusted' : undefined;
}

/** The same code, an alert with its name instead of its number. */
export function namedCode(code: string): string {
  const alert = ALERT.exec(code)?.[1];
  return alert === undefined ? code : `ERR_SSL_ALERT_${ALERTS[alert] ?? alert}`;
}

/** A TLS fault in words, by its named code; undefined when it is not about TLS. */
export function tlsText(code: string): string | undefined {
  const alert = ALERT.exec(code)?.[1];
  if (alert !== undefined) return `the server ended the TLS handshake: ${alert.toLowerCase().replaceAll('_', ' ')}`;
  return code === 'EPROTO' ? 'the TLS handshake failed' : VERDICTS[code];
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
