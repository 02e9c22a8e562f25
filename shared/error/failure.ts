/** What went wrong, in no protocol's terms; which CNI code each kind has is for `shared/cni` to say. */
export type FailureKind =
  /** A request that cannot be served: what it asks for is wrong, missing, taken or not allowed. */
  | 'refused'
  /** A fault of this program. */
  | 'internal error'
  /** A variable of the environment is missing or wrong. */
  | 'invalid environment'
  /** The network configuration lacks something, or has a value that is wrong. */
  | 'invalid network configuration'
  /** What came in is not the JSON, or not the version number, that it should be. */
  | 'cannot decode'
  /** The configuration and this program, or the verb, have no version of the protocol in common. */
  | 'incompatible version'
  /** The network namespace is not one that may be changed. */
  | 'invalid network namespace'
  /** Another call is under way: the same may succeed later. */
  | 'try again later'
  /** No container can be given an interface now. */
  | 'plugin not available'
  /** Containers have less connectivity than they should have now. */
  | 'limited connectivity'
  /** A plugin that this one called says no, for a reason of its own. */
  | 'delegate refuses'
  /** The datastore did not pass the test that a user asked for. */
  | 'datastore test failed'
  /** The datastore is dead, cut off or without a leader, or did not say whether a change is in: later may do. */
  | 'datastore unavailable'
  /** The datastore takes no more data until somebody makes room. */
  | 'datastore full'
  /** The datastore, or TLS with it, says no, and would say it again. */
  | 'datastore refuses'
  /** The Kubernetes API server is dead or cut off, or asks for patience. */
  | 'api server unavailable'
  /** The Kubernetes API server says no, and would say it again. */
  | 'api server refuses'
  /** TLS is not set up right: a certificate or key is missing, cannot be read, or is not accepted by one of the two sides. */
  | 'tls not accepted'
  /** A file that the configuration names does not exist. */
  | 'file missing'
  /** A file or stream of the process could not be read or written. */
  | 'input or output failed';

interface Circumstances {
  /** The endpoints, files, keys or pools concerned, with what each of them said. */
  readonly where?: string | undefined;
  /** What the user should do. */
  readonly remedy?: string | undefined;
  readonly cause?: unknown;
}

/** What everything below the CNI protocol fails with: its message says what failed. */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly where: string | undefined;
  readonly remedy: string | undefined;

  constructor(kind: FailureKind, what: string, { where, remedy, cause }: Circumstances = {}) {
    super(what, cause === undefined ? undefined : { cause });
    this.name = 'Failure';
    this.kind = kind;
    this.where = where;
    this.remedy = remedy;
  }

  /** Where it failed and what to do about it, in a sentence; undefined when neither is known. */
  get details(): string | undefined {
    const parts = [this.where, this.remedy].filter((part) => part !== undefined && part !== '');
    return parts.length === 0 ? undefined : parts.join('; ');
  }
}

/** A refusal, the most common failure: `details` say where and what to do. */
export function failure(what: string, details?: string, cause?: unknown): Failure {
  return new Failure('refused', what, { where: details, cause });
}
