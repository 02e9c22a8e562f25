/** What a failed try means: from error codes and etcd's own words to a kind that can be acted on. */

import { type Status, StatusCode } from '../grpc/grpc.ts';
import type { Endpoint } from './endpoint.ts';
import { TryFailed } from './errors.ts';

/** A connection that did not come about; `error` is undefined when it was closed without one. */
export function connectFailure(
  endpoint: Endpoint,
  error: (Error & { readonly code?: string | undefined }) | undefined,
): TryFailed {
  const reason = error?.message ?? 'the connection was closed at once';
  const code = error?.code ?? '';
  if (endpoint.secure && isCertificateTrouble(code)) {
    return new TryFailed(endpoint.text, 'refused', `${reason} (${code}); ${advice(code)}`);
  }
  return new TryFailed(endpoint.text, 'unreachable', `${reason}${hint(endpoint, code)}`);
}

function isCertificateTrouble(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ALERT_UNKNOWN_CA|ALERT_ACCESS_DENIED|DECRYPT_ERROR|KEY_VALUES_MISMATCH/.test(
    code,
  );
}

/** What a server's alert about our certificate means, as far as it says. */
export const CERTIFICATE_REFUSED = 'etcd refuses the certificate in etcd_cert_file, or wants one';

function advice(code: string): string {
  if (/ALERT/.test(code)) return CERTIFICATE_REFUSED;
  if (/EXPIRED|NOT_YET_VALID/.test(code)) {
    return `etcd's certificate ${/EXPIRED/.test(code) ? 'has expired' : 'is not valid yet'}: renew it, or set this host's clock right`;
  }
  return "etcd's certificate is not trusted: check etcd_ca_cert_file and the host in etcd_endpoints";
}

function hint(endpoint: Endpoint, code: string): string {
  // Where nobody has been reached, it is not the protocol.
  if (endpoint.plainOnly === true || !/^(?:|ECONNRESET|EPIPE|EPROTO|ERR_.*)$/.test(code)) return '';
  if (endpoint.schemeless)
    return '; an endpoint without a scheme is spoken to in TLS: write http:// if this etcd is plain';
  if (endpoint.secure) return '; does this etcd speak TLS?';
  return '; does this etcd want https://?';
}

/** A call that etcd answered with a status other than success. */
export function statusFailure(endpoint: Endpoint, status: Status): TryFailed {
  const reason = status.message || `gRPC status ${status.code}`;
  return new TryFailed(endpoint.text, kindOf(status), reason, { status, sent: mayBeIn(status) });
}

function kindOf(status: Status): TryFailed['kind'] {
  if (status.code === StatusCode.deadlineExceeded || /timed out/.test(status.message)) return 'timed out';
  if (/leader/.test(status.message)) return 'no leader';
  return isTransient(status) ? 'unreachable' : 'refused';
}

const TRANSIENT: readonly number[] = [
  StatusCode.cancelled,
  StatusCode.unknown,
  StatusCode.aborted,
  StatusCode.internal,
  StatusCode.unavailable,
];

function isTransient(status: Status): boolean {
  return TRANSIENT.includes(status.code) || /too many requests/.test(status.message);
}

/** Every other refusal comes before anything is written. */
function mayBeIn(status: Status): boolean {
  return status.code === StatusCode.deadlineExceeded || TRANSIENT.includes(status.code);
}
