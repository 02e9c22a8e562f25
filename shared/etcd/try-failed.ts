import type { Unavailability } from '../datastore/unavailable.ts';

/** What exactly is refused, as far as etcd or TLS says. */
export type Refusal =
  /** It has users, and no token was sent. */
  | 'no login'
  /** User or password are wrong. */
  | 'wrong login'
  /** The token is no longer known: a new one may do. */
  | 'stale token'
  /** A login was tried where there are no users. */
  | 'no users'
  | 'not allowed'
  | 'full'
  /** Our certificate, which is missing, expired or not trusted over there. */
  | 'our certificate'
  | 'anything else';

interface Circumstances {
  /** Whether the server may have done what it was asked. */
  readonly sent?: boolean;
  /** Whether the server itself said so, in a status. */
  readonly answered?: boolean;
  readonly refusal?: Refusal;
  /** What the user should do. */
  readonly remedy?: string;
}

/** Why one try at one endpoint came to nothing; 'refused' when another try would be refused too. */
export class TryFailed extends Error {
  readonly endpoint: string;
  readonly kind: Exclude<Unavailability, 'outcome unknown'> | 'refused';
  readonly sent: boolean;
  readonly answered: boolean;
  /** 'anything else' unless the kind is 'refused'. */
  readonly refusal: Refusal;
  /** Without the remedy, which the message ends with. */
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
