import { joinBytes } from '../bytes/join.ts';
import { unavailable } from '../datastore/unavailable.ts';
import { frame } from '../grpc/grpc.ts';
import type { Method } from '../grpc/method.ts';
import { TryFailed } from '../grpc/try-failed.ts';
import { decode, encode } from '../grpc/wire.ts';
import type { Log } from '../log/log.ts';
import type { Signal } from '../system/cancellation.ts';
import { sleep } from '../system/pause.ts';
import type { World } from '../system/world.ts';
import { ClusterConnection } from './cluster-connection.ts';
import type { EtcdConfig } from './config.ts';
import { NoEndpointReached } from './first-endpoint.ts';
import { refusal, unreachable } from './refusal.ts';

export interface CallOptions {
  /** `World.elapsed()` milliseconds. */
  readonly deadline: number;
  /** Whether it may change something: then it is not repeated once it has been sent. */
  readonly writes: boolean;
  /** Keys concerned, for the log. */
  readonly about: readonly string[];
}

/**
 * The cost of a failed try; there are two per endpoint. A timeout took long, an answer that is too large would be sent
 * again; a lost leader and a new token cost nothing.
 */
const COST = { unreachable: 1, 'timed out': 2, 'too large': 2, refused: 0, 'no leader': 0 } as const;

/** Unary calls to whichever endpoint of an etcd cluster answers. */
export class Caller {
  readonly #config: EtcdConfig;
  readonly #world: World;
  readonly #log: Log;
  readonly #cluster: ClusterConnection;

  constructor(config: EtcdConfig, world: World, log: Log) {
    this.#config = config;
    this.#world = world;
    this.#log = log;
    this.#cluster = new ClusterConnection(config, world, log);
  }

  /** Starts to connect. */
  begin(deadline: number): void {
    this.#cluster.begin(deadline);
  }

  close(): void {
    this.#cluster.close();
  }

  /** Throws a Failure: 'datastore unavailable', with an unknown outcome for a write that was sent, or what etcd refuses. */
  async call<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions,
  ): Promise<Response> {
    const body = frame(encode(method.write, request));
    const began = this.#world.elapsed();
    const tries: TryFailed[] = [];
    for (;;) {
      try {
        const response = await this.#attempt(method, body, options.deadline, this.#share(tries, options));
        this.#cluster.answered();
        const ms = Math.round(this.#world.elapsed() - began);
        this.#log.debug('etcd answered', { method: method.path, keys: options.about.join(' '), ms });
        return response;
      } catch (thrown) {
        tries.push(...failuresOf(thrown));
        this.#judge(thrown, tries, options.writes);
        await this.#pause(tries, began, options.deadline);
      }
    }
  }

  /**
   * Makes one call on the connection of the call before, and follows its answers until one side ends it. Throws a Failure then,
   * as `call` does, or what `receive` throws.
   */
  async follow<Request, Response>(
    method: Method<Request, Response>,
    requests: readonly Request[],
    receive: (response: Response) => void,
    signal: Signal,
  ): Promise<never> {
    const body = joinBytes(requests.map((request) => frame(encode(method.write, request))));
    const read = (message: Uint8Array) => receive(decode(method.read, message));
    try {
      const { connection, token } = await this.#cluster.ready(this.#world.elapsed() + this.#config.limits.connect);
      return await connection.follow({ path: method.path, body, token, receive: read, signal });
    } catch (thrown) {
      throw thrown instanceof TryFailed || thrown instanceof NoEndpointReached
        ? unreachable(failuresOf(thrown), this.#config)
        : thrown;
    }
  }

  async #attempt<Request, Response>(
    method: Method<Request, Response>,
    body: Uint8Array,
    deadline: number,
    share: number,
  ): Promise<Response> {
    const { connection, token } = await this.#cluster.ready(deadline);
    const endpoint = connection.endpoint.text;
    const timeout = Math.min(this.#config.limits.request, share, deadline - this.#world.elapsed());
    if (timeout <= 0) throw new TryFailed(endpoint, 'timed out', 'no time left for this call');
    const message = await connection.call({ path: method.path, body, token, timeout });
    try {
      return decode(method.read, message);
    } catch (thrown) {
      throw new TryFailed(endpoint, 'unreachable', `unreadable answer: ${thrown}`, { sent: true });
    }
  }

  /** A leader that has just been cut off accepts connections but never answers: a read leaves time for the other endpoints. */
  #share(tries: readonly TryFailed[], { deadline, writes }: CallOptions): number {
    const silent = tries.filter(({ kind }) => kind === 'timed out').length;
    const left = deadline - this.#world.elapsed();
    return writes ? left : left / Math.max(1, this.#cluster.size - silent);
  }

  /** Returns when another try may succeed; otherwise throws the error for the caller. */
  #judge(thrown: unknown, tries: readonly TryFailed[], writes: boolean): void {
    if (!(thrown instanceof TryFailed)) throw unreachable(tries, this.#config);
    if (this.#cluster.setAside(thrown)) return;
    if (thrown.kind === 'refused') throw refusal(thrown, this.#config);
    if (writes && thrown.sent) {
      const said = `${thrown.endpoint}: ${thrown.message}`;
      throw unavailable('outcome unknown', 'etcd did not confirm the change', said);
    }
  }

  async #pause(tries: readonly TryFailed[], began: number, deadline: number): Promise<void> {
    const { endpoint = '', kind, message = '' } = tries.at(-1) ?? {};
    const waitsForLeader = kind === 'no leader';
    const end = waitsForLeader ? Math.min(deadline, began + this.#config.limits.request) : deadline;
    // Another member may already know the new leader.
    const isRoundOver = tries.length % this.#cluster.size === 0;
    const wait = waitsForLeader && isRoundOver ? this.#config.limits.patience : 0;
    const spent = tries.reduce((sum, failed) => sum + COST[failed.kind], 0);
    const isOver = spent >= 2 * this.#cluster.size || this.#world.elapsed() + wait >= end;
    if (isOver) throw unreachable([...this.#cluster.passedOver, ...tries], this.#config);
    this.#log.debug('Retrying etcd', { endpoint, reason: message });
    if (wait > 0) await sleep(wait);
  }
}

function failuresOf(thrown: unknown): readonly TryFailed[] {
  if (thrown instanceof TryFailed) return [thrown];
  if (thrown instanceof NoEndpointReached) return thrown.failures;
  throw thrown;
}
