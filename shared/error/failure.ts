/** What went wrong, in no protocol's terms; which CNI code each kind has is for the door to CNI errors to say. */
export type FailureKind =
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
  /** TLS is not set up right: a certificate or key that one of the two sides does not accept. */
  | 'tls not accepted'
  /** A file or stream of the process could not be read or written. */
  | 'input or output failed';

interface Circumstances {
  /** The endpoints, files, keys or pools concerned, with what each of them said. */
  readonly where?: string;
  /** What the user should do. */
  readonly remedy?: string;
  readonly cause?: unknown;
}

/** A failure below the CNI protocol: its message says what failed. */
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
