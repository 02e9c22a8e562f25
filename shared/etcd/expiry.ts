import { platform } from '#platform';
import { TryFailed } from '../grpc/try-failed.ts';
import type { TlsSettings } from '../http2/tls-settings.ts';

/** Adds the expiry date to a refusal of our certificate when it has expired: the server's alert does not say so. */
export function explained(thrown: unknown, { pair }: TlsSettings): unknown {
  if (!(thrown instanceof TryFailed) || pair === undefined || thrown.refusal !== 'our certificate') return thrown;
  const end = platform.certificate(pair.cert)[0]?.notAfter;
  if (end === undefined || end >= Date.now()) return thrown;
  const remedy = `the certificate in etcd_cert_file expired on ${new Date(end).toISOString().slice(0, 10)}: renew it`;
  const { endpoint, kind, reason, refusal } = thrown;
  return new TryFailed(endpoint, kind, reason, { refusal, remedy });
}
