import { isNoAnswer, type Reply } from '../kubernetes/failure.ts';
import type { Line } from '../kubernetes/line.ts';
import { sleep } from '../system/pause.ts';
import type { World } from '../system/world.ts';
import { isWrite, silence } from './refusal.ts';
import type { ApiRequest } from './resource-access.ts';

/** Sends requests; whatever the server says is an answer. Throws 'datastore unavailable', and what is wrong with the configuration. */
export interface Requests {
  send(request: ApiRequest, deadline: number): Promise<Reply>;
  /** The server's URL, for messages. */
  server(): string;
}

const BUSY = 429;
const MOST_WAITS = 10;
/** Where the server asks for patience without saying how long. */
const PATIENCE_MS = 1_000;

/** Requests over a line. Waits when the server asks for patience, and reads once more over a connection that broke. */
export function openRequests(line: Pick<Line, 'ask' | 'access'>, world: Pick<World, 'elapsed'>): Requests {
  const server = () => line.access()?.server.origin ?? 'the Kubernetes API server';
  const once = async ({ asked, path, body, method, contentType, accept }: ApiRequest, deadline: number) => {
    const question = { path, body, method, contentType, accept };
    const ask = async () => {
      try {
        return await line.ask(question, deadline);
      } catch (thrown) {
        if (!isNoAnswer(thrown)) throw thrown;
        return thrown;
      }
    };
    const first = await ask();
    const isBroken = isNoAnswer(first) && first.sent && !first.timedOut;
    const answer = isBroken && !isWrite(asked) ? await ask() : first;
    if (isNoAnswer(answer)) throw silence(asked, server(), answer);
    return answer;
  };
  return {
    server,
    async send(request, deadline) {
      for (let waits = 0; ; waits++) {
        const reply = await once(request, deadline);
        if (!asksForPatience(request, reply) || waits === MOST_WAITS) return reply;
        const wait = reply.retryAfter === undefined ? PATIENCE_MS : reply.retryAfter * 1_000;
        if (world.elapsed() + wait >= deadline) return reply;
        await sleep(wait);
      }
    },
  };
}

const asksForPatience = ({ asked }: ApiRequest, { status, retryAfter }: Reply): boolean =>
  status === BUSY || (status >= 500 && retryAfter !== undefined && !isWrite(asked));
