import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { readRoots, type TlsSettings } from '../../shared/http2/tls-settings.ts';
import { bareHost } from '../../shared/net/host.ts';

/** When a server's certificate expires, trusted or not. Undefined if it sends none in time. */
export function serverExpiry(url: string, tls: TlsSettings, timeout: number): Promise<number | undefined> {
  const { hostname, port } = new URL(url);
  const host = bareHost(hostname);
  const ca = tls.ca ?? readRoots(tls.roots);
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: Number(port || 443),
      ALPNProtocols: ['h2'],
      // Only the date is needed here. The real connection verifies it.
      rejectUnauthorized: false,
      ...(isIP(host) ? {} : { servername: host }),
      ...(ca === undefined ? {} : { ca }),
      ...(tls.pair ?? {}),
    });
    const end = (ends?: number) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(ends);
    };
    const timer = setTimeout(end, timeout);
    socket.once('secureConnect', () => end(timeOf(socket.getPeerCertificate()?.valid_to)));
    socket.once('error', () => end());
    socket.once('close', () => end());
  });
}

function timeOf(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/** When a client certificate expires. Undefined if the text contains no readable certificate. */
export function ownExpiry(pem: string): number | undefined {
  try {
    return timeOf(new X509Certificate(pem).validTo);
  } catch {
    return undefined;
  }
}
