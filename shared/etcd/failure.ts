/** What errors of etcd's connections and statuses stand for. */
import type { GrpcStatus } from '../grpc/grpc.ts';
import { statusFailure as grpcStatusFailure } from '../grpc/status-failure.ts';
import { TryFailed } from '../grpc/try-failed.ts';
import { type TlsFault, tlsFault } from '../http2/tls-fault.ts';
import { type ConnectError, reasonOf } from '../http2/transport.ts';
import type { ServerEndpoint } from '../net/endpoint.ts';
import { meaningOf } from './status-texts.ts';

/** A connection that could not be made; `error` is undefined when it was closed without one. */
export function connectFailure(endpoint: ServerEndpoint, error: ConnectError): TryFailed {
  const reason = reasonOf(error);
  const code = error?.code ?? '';
  const fault = endpoint.secure ? REMEDIES[tlsFault(code) ?? 'handshake refused'] : undefined;
  if (fault === undefined) return new TryFailed(endpoint.text, 'unreachable', `${reason}${hint(endpoint, code)}`);
  return new TryFailed(endpoint.text, 'refused', `${reason} (${code})`, fault);
}

const EXPIRED = "etcd's certificate has expired: renew it, or correct this host's clock";
const NOT_YET_VALID = "etcd's certificate is not valid yet: renew it, or correct this host's clock";
const NOT_TRUSTED = "etcd's certificate is not trusted: check etcd_ca_cert_file and the host in etcd_endpoints";

/** What to do about a TLS fault; an alert about our certificate gives no further reason. */
const REMEDIES: Readonly<Record<TlsFault, (Pick<TryFailed, 'refusal'> & { readonly remedy: string }) | undefined>> = {
  'certificate expired': { refusal: 'anything else', remedy: EXPIRED },
  'certificate not valid yet': { refusal: 'anything else', remedy: NOT_YET_VALID },
  'certificate not trusted': { refusal: 'anything else', remedy: NOT_TRUSTED },
  'our certificate refused': {
    refusal: 'our certificate',
    remedy: 'etcd refuses the certificate in etcd_cert_file, or requires one',
  },
  'handshake refused': undefined,
};

function hint(endpoint: ServerEndpoint, code: string): string {
  // When no server was reached, the protocol is not the cause.
  if (!/^(?:|ECONNRESET|EPIPE|EPROTO|ERR_.*)$/.test(code)) return '';
  if (endpoint.schemeless) return '; an endpoint without a scheme uses TLS: write http:// if this etcd does not';
  if (endpoint.secure) return '; does this etcd use TLS?';
  return '; does this etcd require https://?';
}

/** A call that etcd answered with a status other than success. */
export const statusFailure = (endpoint: ServerEndpoint, status: GrpcStatus): TryFailed =>
  grpcStatusFailure(endpoint, status, meaningOf(status));
