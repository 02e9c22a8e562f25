import { Failure } from '../error/failure.ts';

/** Why the datastore could not be asked, or did not say. */
export type Unavailability = 'unreachable' | 'timed out' | 'no leader' | 'too large' | 'outcome unknown';

/** The datastore is dead, cut off or without a leader. What it refuses is another kind of failure: later would be no better. */
class DatastoreUnavailable extends Failure {
  readonly reason: Unavailability;

  constructor(reason: Unavailability, what: string, where?: string, cause?: unknown) {
    super('datastore unavailable', what, { cause, ...(where === undefined ? {} : { where }) });
    this.reason = reason;
  }
}

export type { DatastoreUnavailable };

/** The datastore cannot be used for `reason`; `where` names each endpoint with what it said. */
export const unavailable = (
  reason: Unavailability,
  what: string,
  where?: string,
  cause?: unknown,
): DatastoreUnavailable => new DatastoreUnavailable(reason, what, where, cause);

/** Whether the datastore was out of reach: what was to be done may be done later. */
export const isUnavailable = (thrown: unknown): thrown is DatastoreUnavailable =>
  thrown instanceof DatastoreUnavailable;

/** Whether a commit was sent and its answer never came: whether it is in must be read back. */
export const isOutcomeUnknown = (thrown: unknown): thrown is DatastoreUnavailable =>
  isUnavailable(thrown) && thrown.reason === 'outcome unknown';
