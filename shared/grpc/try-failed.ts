/** Why exactly a server refuses, as far as it or TLS says. */
export type Refusal =
  /** The server requires a login, and no token was sent. */
  | 'no login'
  /** The user name or password is wrong. */
  | 'wrong login'
  /** The token is no longer valid; a new one may be. */
  | 'stale token'
  /** A login was tried on a server without authentication. */
  | 'no users'
  | 'not allowed'
  | 'full'
  /** Our certificate is missing, expired or not trusted by the server. */
  | 'our certificate'
  | 'anything else';

interface Circumstances {
  /** Whether the server may have carried out the request. */
  readonly sent?: boolean;
  /** Whether the reason is the server's own, from a status. */
  readonly answered?: boolean;
  readonly refusal?: Refusal;
  /** What the user should do. */
  readonly remedy?: string;
}

/** Why one attempt at one endpoint failed; 'refused' when another attempt would be refused as well. */
export class TryFailed extends Error {
  readonly endpoint: string;
  readonly kind: 'unreachable' | 'timed out' | 'no leader' | 'too large' | 'refused';
  readonly sent: boolean;
  readonly answered: boolean;
  /** 'anything else' unless the kind is 'refused'. */
  readonly refusal: Refusal;
  /** The message without the remedy at its end. */
  readonly reason: string;

  constructor(endpoint: string, kind: TryFailed['kind'], reason: string, more: Circumstances = {}) {
    super(more.remedy === undefined ? reason : `${reason}; ${more.remedy}`);
    this.name = 'TryFailed';
    this.endpoint = endpoint;
    this.kind = kind;
    this.reason = reason;
    this.sent = more.sent ?? false;
    this.answered = more.answered ?? false;
    this.refusal = more.refusal ?? 'anything else';
  }
}
