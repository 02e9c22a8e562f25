import { Failure } from '../error/failure.ts';
import { tlsFault } from '../http2/tls-fault.ts';
import { missingRule } from './missing-rule.ts';

/** What an API server answered. */
export interface Reply {
  readonly status: number;
  readonly body: string;
  /** Seconds after which to ask again, where the server says so. */
  readonly retryAfter?: number | undefined;
}

/** What is asked: a GET, or with a body (JSON) a POST, unless the method says otherwise. */
export interface Question {
  readonly path: string;
  readonly body: string | undefined;
  readonly method?: string | undefined;
  /** Of the body; application/json when left out. */
  readonly contentType?: string | undefined;
  /** Of the answer; application/json when left out. */
  readonly accept?: string | undefined;
}

export const methodOf = ({ method, body }: Question): string => method ?? (body === undefined ? 'GET' : 'POST');

/** How a request without an answer ended. */
interface Ending {
  /** Whether the server may have looked at it. */
  readonly sent: boolean;
  readonly timedOut: boolean;
}

/** No whole answer came. */
class NoAnswer extends Failure implements Ending {
  readonly sent: boolean;
  readonly timedOut: boolean;

  constructor(what: string, where: string, { sent, timedOut }: Ending) {
    super('api server unavailable', what, { where });
    this.sent = sent;
    this.timedOut = timedOut;
  }
}

export type { NoAnswer };

export const isNoAnswer = (thrown: unknown): thrown is NoAnswer => thrown instanceof NoAnswer;

/** What was asked for, for messages: `get pods web-0`. */
export interface Wanted {
  readonly verb: 'get' | 'post';
  readonly resource: string;
  readonly name: string;
}

const whose = (server: URL): string => `Kubernetes API server ${server.origin}`;

/** The API server is dead, cut off or does not speak HTTP, or TLS fails with it, as the error's code says. */
export function unreachable(server: URL, reason: string, code = '', ending: Partial<Ending> = {}): Failure {
  if (tlsFault(code) !== undefined) return untrusted(server, reason);
  const what = `${whose(server)} cannot be reached`;
  return new NoAnswer(what, reason === '' ? code : reason, { sent: false, timedOut: false, ...ending });
}

/** One side's certificate, key or authorities are not accepted, by the other or by the runtime. */
export const untrusted = (server: URL, reason: string): Failure =>
  new Failure('tls not accepted', `${whose(server)}: ${reason}`, {
    remedy: 'check the certificate authority and the server name in the kubeconfig',
  });

/** Too many requests: the server asks for patience. */
const BUSY = 429;
const FORBIDDEN = 403;

/** A refusal in the server's own words (as Calico); by its HTTP status asking later may help or not. */
export function refused(server: URL, { verb, resource, name }: Wanted, { status, body }: Reply): Failure {
  const mayPass = status === BUSY || status >= 500;
  const words = WORDS[status] ?? `the server responded with the status code ${status}`;
  return new Failure(
    mayPass ? 'api server unavailable' : 'api server refuses',
    statusMessage(body) || `${words} (${verb} ${resource} ${name})`,
    {
      where: `answer of the ${whose(server)} (${status})`,
      ...(status === FORBIDDEN && resource !== 'version' ? { remedy: missingRule({ verb, group: '', resource }) } : {}),
    },
  );
}

const WORDS: Readonly<Record<number, string>> = {
  401: 'the server has asked for the client to provide credentials',
  403: 'the server does not allow access to the requested resource',
  404: 'the server could not find the requested resource',
  429: 'the server has received too many requests and has asked us to try again later',
};

/** The message of a Status object, '' when the body is none. */
function statusMessage(body: string): string {
  try {
    const { kind, message } = JSON.parse(body) as { readonly kind?: unknown; readonly message?: unknown };
    return kind === 'Status' && typeof message === 'string' ? message : '';
  } catch {
    return '';
  }
}
