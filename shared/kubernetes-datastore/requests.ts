import type { ApiConnection } from '../kubernetes/api-connection.ts';
import { isNoAnswer, type Reply } from '../kubernetes/failure.ts';
import { patiently } from '../kubernetes/patience.ts';
import type { World } from '../system/world.ts';
import { isWrite, silence } from './refusal.ts';
import type { ApiRequest } from './resource-access.ts';

/** Sends requests. Any status is an answer. Throws 'datastore unavailable', and configuration errors. */
export interface Requests {
  send(request: ApiRequest, deadline: number): Promise<Reply>;
  /** The server's URL, for messages. */
  server(): string;
}

/** Sends requests on a connection. Waits when the server says to retry later, and repeats a read when the connection broke. */
export function openRequests(api: Pick<ApiConnection, 'ask' | 'access'>, world: Pick<World, 'elapsed'>): Requests {
  const server = () => api.access()?.server.origin ?? 'the Kubernetes API server';
  const once = async (
    { asked, path, body, method, contentType, accept, joins, follow }: ApiRequest,
    deadline: number,
  ) => {
    const question = { path, body, method, contentType, accept, joins, follow };
    const ask = async () => {
      try {
        return await api.ask(question, deadline);
      } catch (thrown) {
        if (!isNoAnswer(thrown)) throw thrown;
        return thrown;
      }
    };
    const first = await ask();
    const isBroken = isNoAnswer(first) && first.sent && !first.timedOut;
    const answer = isBroken && !isWrite(asked) && follow === undefined ? await ask() : first;
    if (isNoAnswer(answer)) throw silence(asked, server(), answer);
    return answer;
  };
  return {
    server,
    send: (request, deadline) =>
      patiently(() => once(request, deadline), { deadline, isRepeatable: !isWrite(request.asked), world }),
  };
}
