import { toFailure } from '../error/failure-context.ts';
import type { Log } from '../log/log.ts';
import type { World } from '../system/world.ts';
import { type Connection, connect } from './connection.ts';
import type { Access } from './credentials.ts';
import { isNoAnswer, methodOf, type Question, type Reply } from './failure.ts';

/** A process's connection to its API server. Reconnects when it breaks or credentials are refused, reading the credentials again. */
export interface ApiConnection {
  /** Starts to connect. */
  begin(deadline: number): void;
  /** Resolves once connected; throws like `ask`. */
  opened(deadline: number): Promise<void>;
  /**
   * Returns the answer, whatever its status; after a 401 once more with credentials read again. Throws a Failure: NoAnswer
   * without an answer, or a configuration error. `deadline`: World.elapsed() milliseconds.
   */
  ask(question: Question, deadline: number): Promise<Reply>;
  /** Server and credentials of the last connection; undefined before the first. */
  access(): Access | undefined;
  close(): void;
}

type Clock = Pick<World, 'elapsed'>;

export interface ApiConnectionOptions {
  /** Reads server and credentials, each time from the files. */
  readonly readAccess: () => Promise<Access>;
  readonly world: Clock;
  readonly log: Log;
}

const CONNECT_LIMIT_MS = 5_000;
const REQUEST_LIMIT_MS = 10_000;
const UNAUTHORIZED = 401;

interface Connected {
  readonly access: Access;
  readonly connection: Connection;
}

/** Connects on the first request. */
export function openApiConnection({ readAccess, world, log }: ApiConnectionOptions): ApiConnection {
  const connections = new Connections();
  let access: Access | undefined;
  const connected = async (deadline: number): Promise<Connected> => {
    access = await readAccess();
    return { access, connection: await connectLogged(log, world, access, deadline) };
  };
  const open = (deadline: number): Promise<Connected> => connections.current ?? connections.add(connected(deadline));
  const askOn = (one: Promise<Connected>, question: Question, deadline: number): Promise<Reply> =>
    connections.during(one, async () => {
      const { connection } = await one;
      const most = question.follow === undefined ? REQUEST_LIMIT_MS : Number.POSITIVE_INFINITY;
      const ask = () => connection.ask(question, within(most, deadline, world));
      try {
        return await logged(log, world, question, ask);
      } catch (thrown) {
        if (isNoAnswer(thrown)) connections.leave(one);
        throw thrown;
      }
    });
  const ask: ApiConnection['ask'] = async (question, deadline) => {
    const first = open(deadline);
    const reply = await askOn(first, question, deadline);
    if (reply.status !== UNAUTHORIZED) return reply;
    // Token files are renewed while calls run. Other requests may still be waiting on this connection.
    if (connections.current === first) {
      log.info('Kubernetes refused our credentials, reading them again', { file: (await first).access.source });
      connections.leave(first);
    }
    return askOn(open(deadline), question, deadline);
  };
  return {
    begin: (deadline) => void open(deadline).catch(() => undefined),
    opened: async (deadline) => void (await open(deadline)),
    ask: joining(ask),
    access: () => access,
    close: () => connections.close(),
  };
}

/** The connection that is asked on, and those before it that requests still wait on. */
class Connections {
  /** How many requests wait on each. */
  readonly #waiting = new Map<Promise<Connected>, number>();
  current: Promise<Connected> | undefined;

  add(one: Promise<Connected>): Promise<Connected> {
    this.current = one;
    this.#waiting.set(one, 0);
    one.catch(() => this.leave(one));
    return one;
  }

  /** Keeps a connection open while a request waits on it. */
  async during<T>(one: Promise<Connected>, request: () => Promise<T>): Promise<T> {
    this.#count(one, 1);
    try {
      return await request();
    } finally {
      this.#count(one, -1);
    }
  }

  /** Nothing more is asked on it. */
  leave(one: Promise<Connected>): void {
    if (this.current === one) this.current = undefined;
    this.#count(one, 0);
  }

  close(): void {
    for (const one of this.#waiting.keys()) end(one);
    this.#waiting.clear();
  }

  #count(one: Promise<Connected>, by: number): void {
    const before = this.#waiting.get(one);
    if (before === undefined) return;
    this.#waiting.set(one, before + by);
    if (before + by > 0 || this.current === one) return;
    this.#waiting.delete(one);
    end(one);
  }
}

function end(one: Promise<Connected>): void {
  one.then(
    ({ connection }) => connection.close(),
    () => undefined,
  );
}

async function connectLogged(log: Log, world: Clock, access: Access, deadline: number): Promise<Connection> {
  const began = world.elapsed();
  const limits = { connect: within(CONNECT_LIMIT_MS, deadline, world), request: REQUEST_LIMIT_MS };
  const connection = await connect(access, limits);
  log.debug('Connected to Kubernetes', { server: access.server.origin, ms: Math.round(world.elapsed() - began) });
  return connection;
}

/** Asks, and writes a debug line about the answer. */
async function logged(log: Log, world: Clock, question: Question, ask: () => Promise<Reply>): Promise<Reply> {
  const began = world.elapsed();
  const { path } = question;
  const about = () => ({ verb: methodOf(question), path, ms: Math.round(world.elapsed() - began) });
  try {
    const reply = await ask();
    log.debug('Kubernetes answered', { ...about(), status: reply.status });
    return reply;
  } catch (thrown) {
    log.debug('Kubernetes did not answer', { ...about(), reason: toFailure(thrown).message });
    throw thrown;
  }
}

/** At most `limit`, and not beyond the deadline. */
const within = (limit: number, deadline: number, world: Clock): number =>
  Math.max(1, Math.min(limit, deadline - world.elapsed()));

/** Lets a read that may join another get the answer to an equal one under way. */
function joining(ask: ApiConnection['ask']): ApiConnection['ask'] {
  const underWay = new Map<string, Promise<Reply>>();
  return (question, deadline) => {
    if (methodOf(question) !== 'GET') return ask(question, deadline);
    const key = `${question.accept ?? ''} ${question.path}`;
    const other = question.joins ? underWay.get(key) : undefined;
    if (other !== undefined) return other;
    const asked = ask(question, deadline);
    const over = () => {
      if (underWay.get(key) === asked) underWay.delete(key);
    };
    underWay.set(key, asked);
    asked.then(over, over);
    return asked;
  };
}
