/** What a failed try stands for: from error codes and statuses to a kind that can be acted on. */
import type { Status } from '../grpc/grpc.ts';
import { type TlsFault, tlsFault } from '../http2/tls-fault.ts';
import type { Endpoint } from './endpoint.ts';
import { mayBeDone, toldBy } from './status-texts.ts';
import { TryFailed } from './try-failed.ts';

/** A connection that did not come about; `error` is undefined when it was closed without one. */
export function connectFailure(
  endpoint: Endpoint,
  error: (Error & { readonly code?: string | undefined }) | undefined,
): TryFailed {
  const reason = error?.message ?? 'the connection was closed at once';
  const code = error?.code ?? '';
  const fault = endpoint.secure ? REMEDIES[tlsFault(code) ?? 'handshake refused'] : undefined;
  if (fault === undefined) return new TryFailed(endpoint.text, 'unreachable', `${reason}${hint(endpoint, code)}`);
  return new TryFailed(endpoint.text, 'refused', `${reason} (${code})`, fault);
}

const EXPIRED = "etcd's certificate has expired: renew it, or set this host's clock right";
const NOT_YET_VALID = "etcd's certificate is not valid yet: renew it, or set this host's clock right";
const NOT_TRUSTED = "etcd's certificate is not trusted: check etcd_ca_cert_file and the host in etcd_endpoints";

/** What a fault in TLS comes to; an alert about our certificate says no more than that. */
const REMEDIES: Readonly<Record<TlsFault, (Pick<TryFailed, 'refusal'> & { readonly remedy: string }) | undefined>> = {
  'certificate expired': { refusal: 'anything else', remedy: EXPIRED },
  'certificate not valid yet': { refusal: 'anything else', remedy: NOT_YET_VALID },
  'certificate not trusted': { refusal: 'anything else', remedy: NOT_TRUSTED },
  'our certificate refused': {
    refusal: 'our certificate',
    remedy: 'etcd refuses the certificate in etcd_cert_file, or wants one',
  },
  'handshake refused': undefined,
};

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
  const { kind, refusal } = toldBy(status);
  const reason = status.message || `gRPC status ${status.code}`;
  const sent = mayBeDone(status.code);
  return new TryFailed(endpoint.text, kind, reason, { answered: true, sent, ...(refusal && { refusal }) });
}
