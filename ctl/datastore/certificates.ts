import { certificateEnd } from '../../shared/http2/certificate-end.ts';
import type { TlsSettings } from '../../shared/http2/tls-settings.ts';
import { openSecure, type Transport } from '../../shared/http2/transport.ts';
import { hostAndPort, parseUrl } from '../../shared/net/url.ts';
import { startTimer, stopTimer } from '../../shared/system/clock.ts';

/** When the certificate that a server shows ends, trusted or not; undefined when it shows none in time. `pair`: for servers that require ours. */
export function serverExpiry(text: string, pair: TlsSettings['pair'], timeout: number): Promise<number | undefined> {
  const url = parseUrl(text);
  if (url === undefined) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    let transport: Transport | undefined;
    const end = (certificate?: Uint8Array) => {
      stopTimer(timer);
      // Before destroying, which reports an end at once.
      resolve(certificate && certificateEnd(certificate));
      transport?.destroy();
    };
    const timer = startTimer(timeout, end);
    const events = {
      onOpen: (_: unknown, certificate?: Uint8Array) => end(certificate),
      onData: () => undefined,
      onEnd: () => end(),
    };
    const secure = {
      protocols: ['h2'],
      // Only its date is wanted; the connection that matters verifies.
      verify: false,
      ...pair,
    };
    try {
      transport = openSecure(hostAndPort(url), secure, events);
    } catch {
      end();
    }
  });
}
