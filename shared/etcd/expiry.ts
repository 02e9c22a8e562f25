import type { TlsSettings } from '../http2/tls.ts';
import { TryFailed } from './errors.ts';
import { CERTIFICATE_REFUSED } from './failure.ts';

/** A refusal of our certificate, with the day it expired on where that is why: the server's alert does not tell. */
export async function explained(thrown: unknown, { pair }: TlsSettings): Promise<unknown> {
  if (!(thrown instanceof TryFailed) || pair === undefined || !thrown.message.includes(CERTIFICATE_REFUSED))
    return thrown;
  const { X509Certificate } = await import('node:crypto');
  const end = new Date(new X509Certificate(pair.cert).validTo);
  if (!(end.getTime() < Date.now())) return thrown;
  const why = `the certificate in etcd_cert_file expired on ${end.toISOString().slice(0, 10)}: renew it`;
  return new TryFailed(thrown.endpoint, thrown.kind, thrown.message.replace(CERTIFICATE_REFUSED, why));
}
