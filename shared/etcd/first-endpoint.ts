import { TryFailed } from '../grpc/try-failed.ts';
import type { ServerEndpoint } from '../net/endpoint.ts';
import { Cancellation, type Signal } from '../system/cancellation.ts';
import { startTimer, stopTimer } from '../system/clock.ts';
import type { EtcdConnection } from './connection.ts';

/** No endpoint could be connected to: the reason for each. */
export class NoEndpointReached extends Error {
  readonly failures: readonly TryFailed[];

  constructor(failures: readonly TryFailed[]) {
    super('no endpoint could be connected to');
    this.failures = failures;
  }
}

type Connect = (endpoint: ServerEndpoint, signal: Signal) => Promise<EtcdConnection>;

/**
 * Connects to the first of several endpoints that greets. The next one is tried when one fails, or does not answer for
 * `patience` milliseconds, so that a dead member does not cost its whole timeout. The other attempts are cancelled, all of
 * them when `closing` is cancelled. Throws NoEndpointReached.
 */
export async function dial(
  endpoints: readonly ServerEndpoint[],
  patience: number,
  closing: Signal,
  connect: Connect,
): Promise<EtcdConnection> {
  if (closing.isCancelled) throw new NoEndpointReached([]);
  const race = new Race(endpoints, patience, connect);
  const forget = closing.onCancel(() => race.giveUp());
  try {
    return await race.winner();
  } finally {
    forget();
  }
}

class Race {
  readonly #waiting: ServerEndpoint[];
  readonly #patience: number;
  readonly #connect: Connect;
  readonly #failures: TryFailed[] = [];
  readonly #over = new Cancellation();
  #running = 0;
  #timer: number | undefined;
  #resolve: (connection: EtcdConnection) => void = () => undefined;
  #reject: (reason: unknown) => void = () => undefined;

  constructor(endpoints: readonly ServerEndpoint[], patience: number, connect: Connect) {
    this.#waiting = [...endpoints];
    this.#patience = patience;
    this.#connect = connect;
  }

  winner(): Promise<EtcdConnection> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#begin();
    });
  }

  giveUp(): void {
    this.#end();
    this.#reject(new NoEndpointReached(this.#failures));
  }

  #begin(): void {
    stopTimer(this.#timer);
    const endpoint = this.#waiting.shift();
    if (!endpoint) return;
    this.#running += 1;
    this.#timer = startTimer(this.#patience, () => this.#begin());
    this.#connect(endpoint, this.#over).then(
      (connection) => this.#greeted(connection),
      (thrown) => this.#failed(thrown),
    );
  }

  #greeted(connection: EtcdConnection): void {
    if (this.#over.isCancelled) {
      connection.close();
      return;
    }
    this.#end();
    this.#resolve(connection);
  }

  #failed(thrown: unknown): void {
    if (this.#over.isCancelled) return;
    this.#running -= 1;
    if (thrown instanceof TryFailed) {
      this.#failures.push(thrown);
      if (this.#running === 0 && this.#waiting.length === 0) this.giveUp();
      else this.#begin();
    } else {
      this.#end();
      this.#reject(thrown);
    }
  }

  #end(): void {
    stopTimer(this.#timer);
    this.#over.cancel();
  }
}
