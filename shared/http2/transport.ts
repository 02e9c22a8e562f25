import { platform } from '#platform';
import type { NetworkConnection, NetworkError, Tls } from '../platform/network.ts';
import { startTimer, stopTimer } from '../system/clock.ts';
import { isAddress, unresolved } from './host-lookup.ts';
import { readRoots, type TlsSettings } from './tls-settings.ts';

/** A TCP or TLS connection, open or being opened. */
export interface Transport {
  /** Sends bytes, in order, as fast as the other side accepts them. Not before it is open. */
  write(bytes: Uint8Array): void;
  /** Ends it, which is reported as an end without an error, at once. */
  destroy(): void;
  /** The connection alone does not keep the process alive. */
  unref(): void;
}

/** Why a connection ended; undefined without an error. */
export type ConnectError = NetworkError | undefined;

/** Why there is no connection, in words. */
export const reasonOf = (error: ConnectError): string => error?.message ?? 'the connection was closed at once';

export interface Events {
  /** With TLS, the protocol that was agreed on (ALPN), undefined when the server names none, and its certificate (DER). */
  onOpen(protocol?: string, certificate?: Uint8Array): void;
  onData(chunk: Uint8Array): void;
  /** Called once, when the connection ends or could not be opened. */
  onEnd(error: ConnectError): void;
}

export interface At {
  readonly host: string;
  readonly port: number;
}

/** A Unix domain socket: its path, or a NUL and an abstract name. */
export interface Local {
  readonly socket: string;
}

/** How long an attempt to connect may take until the host's next address is tried as well. */
const NEXT_ADDRESS_MS = 250;
/** The limit of a name's lookup; callers have shorter ones of their own. */
const LOOKUP_MS = 30_000;

/** Opens a plain connection. */
export function openPlain(at: At | Local, events: Events): Transport {
  return 'socket' in at ? new Opening(events).begin([{ unix: at.socket }], undefined) : openAt(at, undefined, events);
}

/** Opens a TLS connection, for the host's name unless `tls` has another; throws when certificate, key or CA cannot be used. */
export function openSecure(at: At, tls: Tls, events: Events): Transport {
  // No name is sent for an address (RFC 6066, section 3); the certificate is checked against the address itself.
  return openAt(at, isAddress(at.host) ? tls : { serverName: at.host, ...tls }, events);
}

/** Opens a TLS connection for HTTP/2. */
export function openTls(at: At, tls: TlsSettings, events: Events): Transport {
  const ca = tls.ca ?? readRoots(tls.roots);
  const secure: Tls = {
    protocols: ['h2'],
    verify: true,
    minVersion: tls.minVersion,
    ...(ca === undefined ? {} : { ca }),
    ...tls.pair,
    ...(tls.ciphers === undefined ? {} : { ciphers: tls.ciphers }),
  };
  return openSecure(at, secure, events);
}

function openAt({ host, port }: At, tls: Tls | undefined, events: Events): Transport {
  const opening = new Opening(events);
  if (isAddress(host)) return opening.begin([{ address: host, port }], tls);
  platform.lookup(host, LOOKUP_MS, (error, addresses) => {
    if (error !== undefined) opening.end(unresolved(host, error));
    else
      opening.beginLate(
        addresses.map((address) => ({ address, port })),
        tls,
      );
  });
  return opening;
}

type Target = Parameters<typeof platform.connect>[0];

/** A connection to the first of a host's addresses that answers. */
class Opening implements Transport {
  readonly #events: Events;
  readonly #attempts = new Set<NetworkConnection>();
  #waiting: Target[] = [];
  #tls: Tls | undefined;
  #timer: number | undefined;
  #open: NetworkConnection | undefined;
  #isOver = false;
  #isFree = false;

  constructor(events: Events) {
    this.#events = events;
  }

  begin(targets: readonly Target[], tls: Tls | undefined): this {
    this.#waiting = [...targets];
    this.#tls = tls;
    this.#next(undefined);
    return this;
  }

  /** The same after the caller has returned: an error is reported as the end. */
  beginLate(targets: readonly Target[], tls: Tls | undefined): void {
    if (this.#isOver) return;
    try {
      this.begin(targets, tls);
    } catch (thrown) {
      this.end(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  }

  write(bytes: Uint8Array): void {
    this.#open?.write(bytes);
  }

  destroy(): void {
    if (this.#isOver) return;
    this.#open?.destroy();
    this.end(undefined);
  }

  unref(): void {
    this.#isFree = true;
    this.#open?.unref();
  }

  end(error: ConnectError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#settle(undefined);
    this.#events.onEnd(error);
  }

  /** Tries the next address; `failed` is why the one before it cannot be connected to. */
  #next(failed: ConnectError): void {
    stopTimer(this.#timer);
    const target = this.#waiting.shift();
    if (target !== undefined) this.#attempt(target);
    else if (this.#attempts.size === 0) this.end(failed);
    if (this.#waiting.length > 0) this.#timer = startTimer(NEXT_ADDRESS_MS, () => this.#next(undefined));
  }

  #attempt(target: Target): void {
    const attempt = platform.connect(target, this.#tls, {
      open: ({ protocol, peer }) => {
        this.#settle(attempt);
        this.#open = attempt;
        if (this.#isFree) attempt.unref();
        this.#events.onOpen(protocol, peer);
      },
      data: (bytes) => this.#events.onData(bytes),
      end: (error) => {
        this.#attempts.delete(attempt);
        if (this.#open === attempt) this.end(error);
        else this.#next(error);
      },
    });
    this.#attempts.add(attempt);
  }

  /** Ends all attempts but one. */
  #settle(kept: NetworkConnection | undefined): void {
    stopTimer(this.#timer);
    this.#waiting = [];
    for (const attempt of this.#attempts) if (attempt !== kept) attempt.destroy();
    this.#attempts.clear();
  }
}
