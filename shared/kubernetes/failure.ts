import { Failure } from '../error/failure.ts';
import type { Receive } from '../http2/stream.ts';
import { tlsFault } from '../http2/tls-fault.ts';
import type { Url } from '../net/url.ts';
import type { Signal } from '../system/cancellation.ts';
import { missingRule } from './missing-rule.ts';

/** An API server's answer. */
export interface Reply {
  readonly status: number;
  readonly body: string;
  /** Seconds to wait before a retry, if the server says so. */
  readonly retryAfter?: number | undefined;
}

/** A request. The default method is GET, with a body (JSON) POST. */
export interface Question {
  readonly path: string;
  readonly body: string | undefined;
  readonly method?: string | undefined;
  /** The body's type; default application/json. */
  readonly contentType?: string | undefined;
  /** The answer's type; default application/json. */
  readonly accept?: string | undefined;
  /** A read that may get the answer to an equal one that was sent before and is still under way. */
  readonly joins?: true | undefined;
  /** Follows the answer: takes its parts as they arrive if its status is 200; the reply then has an empty body. */
  readonly follow?: Followed | undefined;
}

/** An answer that is followed: until the deadline of its request, however long that is. */
export interface Followed {
  readonly receive: Receive;
  /** Ends it. */
  readonly signal: Signal;
}

export const methodOf = ({ method, body }: Question): string => method ?? (body === undefined ? 'GET' : 'POST');

/** How a request ended that got no answer. */
interface Ending {
  /** Whether the server may have received it. */
  readonly sent: boolean;
  readonly timedOut: boolean;
}

/** No complete answer arrived. */
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

/** Describes a request, for messages: `get pods web-0`. */
export interface Wanted {
  readonly verb: 'get' | 'post';
  /** '' or left out: Kubernetes' own. */
  readonly group?: string;
  readonly resource: string;
  readonly name: string;
}

const whose = (server: Url): string => `Kubernetes API server ${server.origin}`;

/** The error when the API server cannot be reached, does not speak HTTP or fails in TLS; the code decides which. */
export function unreachable(server: Url, reason: string, code = '', ending: Partial<Ending> = {}): Failure {
  if (tlsFault(code) !== undefined) return untrusted(server, reason);
  const what = `${whose(server)} cannot be reached`;
  return new NoAnswer(what, reason === '' ? code : reason, { sent: false, timedOut: false, ...ending });
}

/** The error when a certificate, key or authority of either side is not accepted. */
export const untrusted = (server: Url, reason: string): Failure =>
  new Failure('tls not accepted', `${whose(server)}: ${reason}`, {
    remedy: 'check the certificate authority and the server name in the kubeconfig',
  });

/** Too many requests: the server says to retry later. */
const BUSY = 429;
const FORBIDDEN = 403;

/** The error for a refusal, with the server's message (as Calico). The HTTP status decides whether it is temporary. */
export function refused(server: Url, { verb, group = '', resource, name }: Wanted, { status, body }: Reply): Failure {
  const mayPass = status === BUSY || status >= 500;
  const words = WORDS[status] ?? `the server responded with the status code ${status}`;
  return new Failure(
    mayPass ? 'api server unavailable' : 'api server refuses',
    statusMessage(body) || `${words} (${verb} ${resource} ${name})`,
    {
      where: `answer of the ${whose(server)} (${status})`,
      ...(status === FORBIDDEN && resource !== 'version' ? { remedy: missingRule({ verb, group, resource }) } : {}),
    },
  );
}

const WORDS: Readonly<Record<number, string>> = {
  401: 'the server has asked for the client to provide credentials',
  403: 'the server does not allow access to the requested resource',
  404: 'the server could not find the requested resource',
  429: 'the server has received too many requests and has asked us to try again later',
};

/** Whether a 404 is about the object; one about its kind has no Status, or one that names no object. */
export function isAboutObject({ body }: Reply): boolean {
  try {
    const { kind, details } = JSON.parse(body) as {
      readonly kind?: unknown;
      readonly details?: { readonly name?: unknown };
    };
    return kind === 'Status' && typeof details?.name === 'string';
  } catch {
    return false;
  }
}

/** The message of a Status object, '' for any other body. */
function statusMessage(body: string): string {
  try {
    const { kind, message } = JSON.parse(body) as { readonly kind?: unknown; readonly message?: unknown };
    return kind === 'Status' && typeof message === 'string' ? message : '';
  } catch {
    return '';
  }
}
