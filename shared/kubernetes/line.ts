import type { Log } from '../log/log.ts';
import type { World } from '../system/world.ts';
import { type Connection, connect } from './connection.ts';
import type { Access } from './credentials.ts';
import { isNoAnswer, type Question, type Reply } from './failure.ts';

/** A process's way to its API server: one connection as long as it holds, and another with credentials read again when it does not. */
export interface Line {
  /** Begins to connect. */
  begin(deadline: number): void;
  /** Resolves once it is connected; throws as `ask` does. */
  opened(deadline: number): Promise<void>;
  /**
   * Whatever the server says is an answer; credentials that it refuses are read once more before. Throws a Failure: NoAnswer
   * when none came, or what is wrong with the configuration. `deadline`: World.elapsed() milliseconds.
   */
  ask(question: Question, deadline: number): Promise<Reply>;
  /** What the last connection was made with; undefined before there was one. */
  access(): Access | undefined;
  close(): void;
}

export interface LineOptions {
  /** Reads server and credentials, anew each time. */
  readonly readAccess: () => Promise<Access>;
  readonly world: Pick<World, 'elapsed'>;
  readonly log: Log;
}

const CONNECT_LIMIT_MS = 5_000;
const REQUEST_LIMIT_MS = 10_000;
const UNAUTHORIZED = 401;

interface Held {
  readonly access: Access;
  readonly connection: Connection;
}

/** Connects at the first question. */
export function openLine({ readAccess, world, log }: LineOptions): Line {
  const opened: Promise<Held>[] = [];
  let current: Promise<Held> | undefined;
  let access: Access | undefined;
  const within = (limit: number, deadline: number) => Math.max(1, Math.min(limit, deadline - world.elapsed()));
  const make = async (deadline: number): Promise<Held> => {
    const began = world.elapsed();
    access = await readAccess();
    const limits = { connect: within(CONNECT_LIMIT_MS, deadline), request: REQUEST_LIMIT_MS };
    const held = { access, connection: await connect(access, limits) };
    log.debug('Connected to Kubernetes', { server: access.server.origin, ms: Math.round(world.elapsed() - began) });
    return held;
  };
  const forget = (one: Promise<Held>) => {
    if (current === one) current = undefined;
  };
  const open = (deadline: number): Promise<Held> => {
    if (current !== undefined) return current;
    const opening = make(deadline);
    current = opening;
    opened.push(opening);
    opening.catch(() => forget(opening));
    return opening;
  };
  const askOn = async (line: Promise<Held>, question: Question, deadline: number): Promise<Reply> => {
    const { connection } = await line;
    try {
      return await connection.ask(question, within(REQUEST_LIMIT_MS, deadline));
    } catch (thrown) {
      if (isNoAnswer(thrown)) forget(line);
      throw thrown;
    }
  };
  return {
    begin: (deadline) => void open(deadline).catch(() => undefined),
    opened: async (deadline) => void (await open(deadline)),
    async ask(question, deadline) {
      const line = open(deadline);
      const reply = await askOn(line, question, deadline);
      if (reply.status !== UNAUTHORIZED) return reply;
      // Tokens are renewed in their files while calls are under way. Others may still be waiting on this connection.
      if (current === line) {
        log.info('Kubernetes refused our credentials, reading them again', { file: (await line).access.source });
        forget(line);
      }
      return askOn(open(deadline), question, deadline);
    },
    access: () => access,
    close() {
      for (const one of opened.splice(0))
        one.then(
          ({ connection }) => connection.close(),
          () => undefined,
        );
    },
  };
}
