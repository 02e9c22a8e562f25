import { TryFailed } from '../grpc/try-failed.ts';
import type { Log } from '../log/log.ts';
import { readEndpoint, type ServerEndpoint } from '../net/endpoint.ts';
import { Cancellation, type Signal } from '../system/cancellation.ts';
import type { World } from '../system/world.ts';
import type { EtcdConfig } from './config.ts';
import { connect, type EtcdConnection } from './connection.ts';
import { discover } from './discover.ts';
import { dial } from './first-endpoint.ts';
import { logIn } from './login.ts';

/** The connection in use, its replacement when it breaks, and the login token for its calls. */
export class ClusterConnection {
  readonly #config: EtcdConfig;
  readonly #world: World;
  readonly #log: Log;
  #endpoints: readonly ServerEndpoint[];
  #dialling: Promise<EtcdConnection> | undefined;
  #connection: EtcdConnection | undefined;
  /** Undefined: not logged in yet; '': no token is needed. */
  #token: string | undefined;
  #renewed = false;
  readonly #closing = new Cancellation();
  /** Endpoints that failed before another one was connected to, with the last reason of each. */
  readonly #passedOver = new Map<string, TryFailed>();

  constructor(config: EtcdConfig, world: World, log: Log) {
    this.#config = config;
    this.#world = world;
    this.#log = log;
    this.#endpoints = config.endpoints.map(readEndpoint);
    if (!config.user) this.#token = '';
  }

  /** The number of endpoints. */
  get size(): number {
    return this.#endpoints.length;
  }

  /** Connects and logs in if necessary. Throws NoEndpointReached or TryFailed. */
  async ready(deadline: number): Promise<{ connection: EtcdConnection; token: string | undefined }> {
    const connection = await this.#connected(deadline);
    if (this.#token === undefined && this.#config.user) {
      const timeout = this.#within(this.#config.limits.request, deadline);
      this.#token = await logIn(connection, this.#config.user, timeout, this.#log);
    }
    return { connection, token: this.#token || undefined };
  }

  get passedOver(): readonly TryFailed[] {
    return [...this.#passedOver.values()];
  }

  /** A call was answered, so the token was valid: if it is refused later, it may be renewed once more. */
  answered(): void {
    this.#renewed = false;
  }

  /** Starts to connect. */
  begin(deadline: number): void {
    this.#connected(deadline).catch(() => undefined);
  }

  async #connected(deadline: number): Promise<EtcdConnection> {
    if (this.#closing.isCancelled) throw new Error('the connection to etcd was closed on this side');
    if (this.#connection?.usable()) return this.#connection;
    this.#dialling ??= this.#dial(deadline).finally(() => {
      this.#dialling = undefined;
    });
    this.#connection = await this.#dialling;
    if (this.#closing.isCancelled) this.#connection.close();
    return this.#connection;
  }

  /** Gives up the endpoint that failed, or an expired token: true when the token was the only problem. */
  setAside(failed: TryFailed): boolean {
    // Simple tokens are kept in a member's memory: a restart loses them, and a change of users or roles invalidates them.
    if (failed.refusal === 'stale token' && this.#token && !this.#renewed) {
      this.#token = undefined;
      this.#renewed = true;
      return true;
    }
    if (this.#connection?.endpoint.text === failed.endpoint) {
      this.#connection.close();
      this.#connection = undefined;
    }
    const isFailed = (endpoint: ServerEndpoint) => endpoint.text === failed.endpoint;
    this.#endpoints = [...this.#endpoints.filter((one) => !isFailed(one)), ...this.#endpoints.filter(isFailed)];
    return false;
  }

  close(): void {
    this.#closing.cancel();
    this.#connection?.close();
  }

  async #dial(deadline: number): Promise<EtcdConnection> {
    const { discoverySrv, limits, tls } = this.#config;
    if (this.#endpoints.length === 0) {
      this.#endpoints = (await discover(discoverySrv, this.#within(limits.connect, deadline))).map(readEndpoint);
    }
    const began = this.#world.elapsed();
    const tryOne = (endpoint: ServerEndpoint, signal: Signal) =>
      connect(endpoint, { tls, timeout: this.#within(limits.connect, deadline), signal }).catch((thrown) => {
        if (thrown instanceof TryFailed && !signal.isCancelled) this.#passedOver.set(thrown.endpoint, thrown);
        throw thrown;
      });
    const found = await dial(this.#endpoints, limits.patience, this.#closing, tryOne);
    const ms = Math.round(this.#world.elapsed() - began);
    this.#log.debug('Connected to etcd', { endpoint: found.endpoint.text, ms });
    return found;
  }

  #within(limit: number, deadline: number): number {
    return Math.max(1, Math.min(limit, deadline - this.#world.elapsed()));
  }
}
