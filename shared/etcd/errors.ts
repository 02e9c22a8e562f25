import { CniError, ErrorCode } from '../error/error.ts';
import type { Status } from '../grpc/grpc.ts';

/** Why etcd could not be asked, or did not say. */
export type Unavailability = 'unreachable' | 'timed out' | 'no leader' | 'too large' | 'outcome unknown';

/**
 * etcd is dead, cut off or without a leader: error 11 (try again later), naming every endpoint with its reason.
 * What etcd refuses, and files and values that cannot be read, are plain errors instead: later would be no better.
 */
export class StoreUnavailable extends CniError {
  readonly kind: Unavailability;

  constructor(kind: Unavailability, msg: string, details?: string, cause?: unknown) {
    super(ErrorCode.tryAgainLater, msg, details, cause);
    this.name = 'StoreUnavailable';
    this.kind = kind;
  }
}

/** A commit was sent and its answer never came: whether it is in must be read back. */
export class UnknownOutcome extends StoreUnavailable {
  constructor(msg: string, details?: string, cause?: unknown) {
    super('outcome unknown', msg, details, cause);
    this.name = 'UnknownOutcome';
  }
}

/** Why one try at one endpoint came to nothing; 'refused' when another try would be refused too. */
export class TryFailed extends Error {
  readonly endpoint: string;
  readonly kind: Exclude<Unavailability, 'outcome unknown'> | 'refused';
  /** Whether the server may have done what it was asked. */
  readonly sent: boolean;
  /** The server's own word, when it gave one. */
  readonly status: Status | undefined;

  constructor(
    endpoint: string,
    kind: TryFailed['kind'],
    reason: string,
    more: { sent?: boolean; status?: Status } = {},
  ) {
    super(reason);
    this.name = 'TryFailed';
    this.endpoint = endpoint;
    this.kind = kind;
    this.sent = more.sent ?? false;
    this.status = more.status;
  }
}
