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
  const opened: Promise<Connected>[] = [];
  let current: Promise<Connected> | undefined;
  let access: Access | undefined;
  const connected = async (deadline: number): Promise<Connected> => {
    access = await readAccess();
    return { access, connection: await connectLogged(log, world, access, deadline) };
  };
  const forget = (one: Promise<Connected>) => {
    if (current === one) current = undefined;
  };
  const open = (deadline: number): Promise<Connected> => {
    if (current !== undefined) return current;
    const opening = connected(deadline);
    current = opening;
    opened.push(opening);
    opening.catch(() => forget(opening));
    return opening;
  };
  const askOn = async (one: Promise<Connected>, question: Question, deadline: number): Promise<Reply> => {
    const { connection } = await one;
    const ask = () => connection.ask(question, within(question.follow?.limit ?? REQUEST_LIMIT_MS, deadline, world));
    try {
      return await logged(log, world, question, ask);
    } catch (thrown) {
      if (isNoAnswer(thrown)) forget(one);
      throw thrown;
    }
  };
  const ask: ApiConnection['ask'] = async (question, deadline) => {
    const first = open(deadline);
    const reply = await askOn(first, question, deadline);
    if (reply.status !== UNAUTHORIZED) return reply;
    // Token files are renewed while calls run. Other requests may still be waiting on this connection.
    if (current === first) {
      log.info('Kubernetes refused our credentials, reading them again', { file: (await first).access.source });
      forget(first);
    }
    return askOn(open(deadline), question, deadline);
  };
  return {
    begin: (deadline) => void open(deadline).catch(() => undefined),
    opened: async (deadline) => void (await open(deadline)),
    ask: joining(ask),
    access: () => access,
    close: () => closeAll(opened.splice(0)),
  };
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

function closeAll(opened: readonly Promise<Connected>[]): void {
  for (const one of opened)
    one.then(
      ({ connection }) => connection.close(),
      () => undefined,
    );
}

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
