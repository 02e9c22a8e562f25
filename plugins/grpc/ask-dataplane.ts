import { failure } from '../../shared/error/failure.ts';
import { type Connection, connect } from '../../shared/etcd/connection.ts';
import type { Endpoint } from '../../shared/etcd/endpoint.ts';
import type { Method } from '../../shared/etcd/rpc.ts';
import { TryFailed } from '../../shared/etcd/try-failed.ts';
import { frame } from '../../shared/grpc/grpc.ts';
import { decode, encode } from '../../shared/grpc/wire.ts';
import type { TlsSettings } from '../../shared/http2/tls.ts';
import type { Log } from '../../shared/log/log.ts';
import type { World } from '../../shared/system/world.ts';
import { Del, type Reply } from './messages.ts';
import type { DataplaneOptions } from './options.ts';

/** How long a dataplane has for one call, connecting included (as Calico). */
const LIMIT_MS = 5_000;

/** Not looked at: dataplanes are spoken to in plain. */
const NO_TLS: TlsSettings = { pair: undefined, ca: undefined, roots: [], minVersion: 'TLSv1.2', ciphers: undefined };

interface Asking {
  readonly world: World;
  readonly log: Log;
}

/** One call to a dataplane: its reply, which says success. Throws a Failure `grpc dataplane error: …`; see `mayBeDone`. */
export async function callDataplane<Request>(
  { world, log }: Asking,
  { endpoint }: DataplaneOptions,
  method: Method<Request, Reply>,
  request: Request,
): Promise<Reply> {
  const began = world.elapsed();
  const left = () => Math.max(1, began + LIMIT_MS - world.elapsed());
  try {
    const connection = await connectTo(endpoint, left());
    try {
      const body = frame(encode(method.write, request));
      const answer = await connection.call({ path: method.path, body, token: undefined, timeout: left() });
      return successOf(read(method, answer, endpoint.text), endpoint.text);
    } finally {
      connection.close();
    }
  } catch (error) {
    throw unreached(error, endpoint);
  } finally {
    log.debug('Asked the dataplane', {
      method: method.path,
      at: endpoint.text,
      ms: Math.round(world.elapsed() - began),
    });
  }
}

const connectTo = (endpoint: Endpoint, timeout: number): Promise<Connection> =>
  connect(endpoint, { tls: NO_TLS, timeout, signal: new AbortController().signal });

function unreached(error: unknown, { text }: Endpoint): unknown {
  if (!(error instanceof TryFailed)) return error;
  return failure(`grpc dataplane error: ${error.message}`, `${text}: does the dataplane's agent run?`, error);
}

/** Whether a dataplane would take a call: it is connected to, and asked nothing. Throws as callDataplane. */
export async function requireDataplane({ endpoint }: DataplaneOptions, timeout: number): Promise<void> {
  try {
    (await connectTo(endpoint, timeout)).close();
  } catch (error) {
    throw unreached(error, endpoint);
  }
}

function read<Request>(method: Method<Request, Reply>, answer: Uint8Array, where: string): Reply {
  try {
    return decode(method.read, answer);
  } catch (thrown) {
    throw new TryFailed(where, 'unreachable', `unreadable answer: ${thrown}`, { sent: true });
  }
}

function successOf(reply: Reply, where: string): Reply {
  if (reply.successful) return reply;
  throw failure(`grpc dataplane error: ${reply.errorMessage}`, `so says the dataplane at ${where}`);
}

/** Whether an Add that failed so may have networked the container: it was sent, and no answer tells. */
export const mayBeDone = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof TryFailed && error.cause.sent;

/** Has a dataplane take a container's interface away. */
export async function removeThroughDataplane(
  asking: Asking,
  options: DataplaneOptions,
  { containerName, netns }: { readonly containerName: string; readonly netns: string },
): Promise<void> {
  await callDataplane(asking, options, Del, { interfaceName: containerName, netns, dataplaneOptions: options.texts });
  asking.log.info('The dataplane removed the interface', { interface: containerName, netns });
}
