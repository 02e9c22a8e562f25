import { platform } from '#platform';
import { failure } from '../../shared/error/failure.ts';
import { serveHttp } from '../../shared/http1/server.ts';
import { hostInUrl } from '../../shared/net/host.ts';
import type { Listener } from '../../shared/platform/network.ts';
import { errnoName } from '../../shared/system/errno.ts';
import { sleep } from '../../shared/system/pause.ts';
import { answerTo } from './answer.ts';
import { guardOf } from './credentials.ts';
import type { ListenAddress } from './listen-address.ts';
import { complaintsOf } from './readings.ts';
import type { WebConfig } from './web-config.ts';
import { OPEN, webConfigIn } from './web-config-file.ts';

/** What is served, and where. */
export interface Served {
  readonly at: ListenAddress;
  /** '' for neither TLS nor users. */
  readonly webConfig: string;
  metrics(limitMs: number): Promise<string>;
  err(text: string): void;
}

/** How often files are looked at that the web-config names: certificates are renewed. */
const LOOK_MS = 10_000;
const RENEWING = 'the web-config is not used';

/** Serves until a signal comes; resolves to the exit status. Throws when it cannot listen. */
export async function serve(served: Served): Promise<number> {
  const stopped = new Promise<number>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) platform.onSignal(name, () => resolve(0));
  });
  return Promise.race([stopped, serving(served)]);
}

async function serving(served: Served): Promise<never> {
  const { at, err } = served;
  const site = openSite(served);
  err(`Serving ${site.scheme}://${hostInUrl(at.address === '' ? 'localhost' : at.address)}:${site.port}/metrics\n`);
  const complaints = complaintsOf({ stderr: err });
  for (;;) {
    await sleep(LOOK_MS);
    try {
      if (site.renew()) complaints.forget(RENEWING);
    } catch (thrown) {
      complaints.say(thrown, RENEWING);
    }
  }
}

interface Site {
  readonly scheme: 'http' | 'https';
  readonly port: number;
  /**
   * Listens again when the files have changed; false when they have not since this was last asked. Throws when they cannot be used:
   * then what was valid before goes on.
   */
  renew(): boolean;
}

function openSite({ at, webConfig, metrics }: Served): Site {
  const read = () => (webConfig === '' ? OPEN : webConfigIn(webConfig));
  const listen = ({ tls, users, headers }: WebConfig, port: number): Listener => {
    const answering = { guard: guardOf(users), headers, metrics };
    return listenAt(at.address, port, (address) =>
      serveHttp({ address, port, tls }, (request) => answerTo(request, answering)),
    );
  };
  let config = read();
  let listener = listen(config, at.port);
  let seen = JSON.stringify(config);
  const port = listener.port();
  return {
    scheme: config.tls === undefined ? 'http' : 'https',
    port,
    renew() {
      const fresh = read();
      if (JSON.stringify(fresh) === seen) return false;
      seen = JSON.stringify(fresh);
      listener.close();
      try {
        listener = listen(fresh, port);
        config = fresh;
        return true;
      } catch (thrown) {
        listener = listen(config, port);
        throw thrown;
      }
    },
  };
}

/** Without an address: at every one, of IPv6 and IPv4; of IPv4 alone where there is no other. */
function listenAt(address: string, port: number, listen: (address: string) => Listener): Listener {
  try {
    return listen(address || '::');
  } catch (thrown) {
    if (address === '' && errnoName(thrown) === 'EAFNOSUPPORT') return listen('0.0.0.0');
    const why = thrown instanceof Error ? thrown.message : thrown;
    throw failure(`cannot listen on ${hostInUrl(address)}:${port}: ${why}`, undefined, thrown);
  }
}
