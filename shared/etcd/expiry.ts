import { TryFailed } from '../grpc/try-failed.ts';
import type { TlsSettings } from '../http2/tls-settings.ts';

/** Adds the expiry date to a refusal of our certificate when it has expired: the server's alert does not say so. */
export async function explained(thrown: unknown, { pair }: TlsSettings): Promise<unknown> {
  if (!(thrown instanceof TryFailed) || pair === undefined || thrown.refusal !== 'our certificate') return thrown;
  const { X509Certificate } = await import('node:crypto');
  const end = new Date(new X509Certificate(pair.cert).validTo);
  if (!(end.getTime() < Date.now())) return thrown;
  const remedy = `the certificate in etcd_cert_file expired on ${end.toISOString().slice(0, 10)}: renew it`;
  const { endpoint, kind, reason, refusal } = thrown;
  return new TryFailed(endpoint, kind, reason, { refusal, remedy });
}
