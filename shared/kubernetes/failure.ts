import { CniError, ErrorCode, failure } from '../error/error.ts';

/** What an API server answered. */
export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** What is asked: a GET, or with a body (JSON) a POST. */
export interface Question {
  readonly path: string;
  readonly body: string | undefined;
}

/** What was asked for, for messages: `pods web-0`. */
export interface Wanted {
  readonly resource: string;
  readonly name: string;
}

/** The API server is dead, cut off or does not speak HTTP: error 11 naming it; a certificate nobody trusts is error 999. */
export function unreachable(server: URL, reason: string, code = ''): CniError {
  const where = `Kubernetes API server ${server.origin}`;
  if (isCertificateTrouble(code, reason)) {
    return failure(`${where}: ${reason}`, 'check the certificate authority and the server name in the kubeconfig');
  }
  return new CniError(ErrorCode.tryAgainLater, `${where} cannot be reached`, reason === '' ? code : reason);
}

function isCertificateTrouble(code: string, reason: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|UNKNOWN_CA|ALERT_|KEY_VALUES_MISMATCH|PEM/.test(`${code} ${reason}`);
}

/** A refusal in the server's own words (as Calico); error 11 where asking later may help. */
export function refused(server: URL, { resource, name }: Wanted, reply: Reply): CniError {
  const said = statusMessage(reply.body);
  const later = reply.status === 429 || reply.status >= 500;
  return new CniError(
    later ? ErrorCode.tryAgainLater : ErrorCode.internal,
    said ||
      `${WORDS[reply.status] ?? `the server responded with the status code ${reply.status}`} (get ${resource} ${name})`,
    `answer of the Kubernetes API server ${server.origin} (${reply.status})`,
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
