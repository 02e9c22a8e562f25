import { frame } from '../grpc/grpc.ts';
import { TryFailed } from '../grpc/try-failed.ts';
import { decode, encode } from '../grpc/wire.ts';
import type { Log } from '../log/log.ts';
import type { EtcdConnection } from './connection.ts';
import { Authenticate } from './generated-rpc.ts';

/** Logs a user in and returns the token for later calls; '', with a warning, when authentication is disabled. Throws TryFailed. */
export async function logIn(
  connection: EtcdConnection,
  user: { readonly name: string; readonly password: string },
  timeout: number,
  log: Log,
): Promise<string> {
  const body = frame(encode(Authenticate.write, user));
  try {
    return decode(
      Authenticate.read,
      await connection.call({ path: Authenticate.path, body, token: undefined, timeout }),
    ).token;
  } catch (thrown) {
    const { endpoint, kind, message, answered, refusal } =
      thrown instanceof TryFailed ? thrown : garbled(connection, thrown);
    if (refusal === 'no users') {
      log.warn('ETCD_USERNAME is set, but authentication is disabled on this etcd', { endpoint });
      return '';
    }
    // The call that needed the login has not been sent yet.
    throw new TryFailed(endpoint, kind, message, { answered, refusal });
  }
}

function garbled(connection: EtcdConnection, thrown: unknown): TryFailed {
  return new TryFailed(connection.endpoint.text, 'unreachable', `unreadable answer: ${thrown}`);
}
