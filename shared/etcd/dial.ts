import type { Connection } from './connection.ts';
import type { Endpoint } from './endpoint.ts';
import { TryFailed } from './errors.ts';

/** No endpoint could be connected to: each with its reason. */
export class NobodyThere extends Error {
  readonly failures: readonly TryFailed[];

  constructor(failures: readonly TryFailed[]) {
    super('no endpoint could be connected to');
    this.failures = failures;
  }
}

/**
 * The first of several endpoints to greet. The next one is tried when one fails, or stays silent for `patience` milliseconds,
 * so that a dead member does not cost its whole deadline; those begun and not needed are given up, all of them when `closing`
 * is aborted. Throws NobodyThere.
 */
export function dial(
  endpoints: readonly Endpoint[],
  patience: number,
  closing: AbortSignal,
  connect: (endpoint: Endpoint, signal: AbortSignal) => Promise<Connection>,
): Promise<Connection> {
  const race = new AbortController();
  const failures: TryFailed[] = [];
  const waiting = [...endpoints];
  let timer: NodeJS.Timeout | undefined;
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      race.abort();
      closing.removeEventListener('abort', giveUp);
    };
    const giveUp = () => {
      end();
      reject(new NobodyThere(failures));
    };
    const win = (connection: Connection) => {
      if (race.signal.aborted) return connection.close();
      end();
      resolve(connection);
    };
    const lose = (thrown: unknown) => {
      if (race.signal.aborted) return;
      if (!(thrown instanceof TryFailed)) {
        end();
        return reject(thrown);
      }
      if (failures.push(thrown) === endpoints.length) giveUp();
      else begin();
    };
    const begin = () => {
      clearTimeout(timer);
      const endpoint = waiting.shift();
      if (!endpoint) return;
      timer = setTimeout(begin, patience);
      connect(endpoint, race.signal).then(win, lose);
    };
    closing.addEventListener('abort', giveUp);
    begin();
  });
}
