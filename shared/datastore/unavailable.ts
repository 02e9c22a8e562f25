import { Failure } from '../error/failure.ts';

/** Why the datastore could not be asked, or did not answer. */
export type Unavailability = 'unreachable' | 'timed out' | 'no leader' | 'too large' | 'outcome unknown';

/** The datastore is down, cut off or without a leader. What it refuses is another kind of failure: trying later would not help. */
class DatastoreUnavailable extends Failure {
  readonly reason: Unavailability;

  constructor(reason: Unavailability, what: string, where?: string, cause?: unknown) {
    super('datastore unavailable', what, { cause, ...(where === undefined ? {} : { where }) });
    this.reason = reason;
  }
}

export type { DatastoreUnavailable };

/** An error for `reason`; `where` names each endpoint with its error. */
export const unavailable = (
  reason: Unavailability,
  what: string,
  where?: string,
  cause?: unknown,
): DatastoreUnavailable => new DatastoreUnavailable(reason, what, where, cause);

/** Whether the datastore was unavailable, so that it may work later. */
export const isUnavailable = (thrown: unknown): thrown is DatastoreUnavailable =>
  thrown instanceof DatastoreUnavailable;

/** Whether a commit was sent but not answered: its outcome must be read back. */
export const isOutcomeUnknown = (thrown: unknown): thrown is DatastoreUnavailable =>
  isUnavailable(thrown) && thrown.reason === 'outcome unknown';
