import { failure } from '../../shared/error/failure.ts';
import { connectPlain } from '../../shared/grpc/connection.ts';
import { frame } from '../../shared/grpc/grpc.ts';
import type { Method } from '../../shared/grpc/method.ts';
import { TryFailed } from '../../shared/grpc/try-failed.ts';
import { decode, encode } from '../../shared/grpc/wire.ts';
import type { Log } from '../../shared/log/log.ts';
import type { ServerEndpoint } from '../../shared/net/endpoint.ts';
import type { World } from '../../shared/system/world.ts';
import { type DataplaneReply, Del } from './messages.ts';
import type { DataplaneOptions } from './options.ts';

/** How long a dataplane has for one call, connecting included (as Calico). */
const LIMIT_MS = 5_000;

interface Asking {
  readonly world: World;
  readonly log: Log;
}

/** Calls a dataplane and returns its reply, which is a success. Throws a Failure `grpc dataplane error: …`; see `mayBeDone`. */
export async function callDataplane<Request>(
  { world, log }: Asking,
  { endpoint }: DataplaneOptions,
  method: Method<Request, DataplaneReply>,
  request: Request,
): Promise<DataplaneReply> {
  const began = world.elapsed();
  const left = () => Math.max(1, began + LIMIT_MS - world.elapsed());
  try {
    const connection = await connectPlain(endpoint, left());
    try {
      const body = frame(encode(method.write, request));
      const answer = await connection.call({ path: method.path, body, fields: [], timeout: left() });
      return successOf(read(method, answer, endpoint.text), endpoint.text);
    } finally {
      connection.close();
    }
  } catch (error) {
    throw unreached(error, endpoint);
  } finally {
    log.debug('Called the dataplane', {
      method: method.path,
      at: endpoint.text,
      ms: Math.round(world.elapsed() - began),
    });
  }
}

function unreached(error: unknown, { text }: ServerEndpoint): unknown {
  if (!(error instanceof TryFailed)) return error;
  return failure(`grpc dataplane error: ${error.message}`, `${text}: is the dataplane's agent running?`, error);
}

/** Checks that a dataplane takes calls by connecting to it. Throws as callDataplane. */
export async function requireDataplane({ endpoint }: DataplaneOptions, timeout: number): Promise<void> {
  try {
    (await connectPlain(endpoint, timeout)).close();
  } catch (error) {
    throw unreached(error, endpoint);
  }
}

function read<Request>(method: Method<Request, DataplaneReply>, answer: Uint8Array, where: string): DataplaneReply {
  try {
    return decode(method.read, answer);
  } catch (thrown) {
    throw new TryFailed(where, 'unreachable', `unreadable answer: ${thrown}`, { sent: true });
  }
}

function successOf(reply: DataplaneReply, where: string): DataplaneReply {
  if (reply.successful) return reply;
  throw failure(`grpc dataplane error: ${reply.errorMessage}`, `reported by the dataplane at ${where}`);
}

/** Whether an Add that failed with `error` may have connected the container: it was sent, but not answered. */
export const mayBeDone = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof TryFailed && error.cause.sent;

/** Has a dataplane remove a container's interface. */
export async function removeThroughDataplane(
  asking: Asking,
  options: DataplaneOptions,
  { containerName, netns }: { readonly containerName: string; readonly netns: string },
): Promise<void> {
  await callDataplane(asking, options, Del, { interfaceName: containerName, netns, dataplaneOptions: options.texts });
  asking.log.info('The dataplane removed the interface', { interface: containerName, netns });
}
