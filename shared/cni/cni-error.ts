import { Failure, type FailureKind } from '../error/failure.ts';
import { toFailure } from '../error/failure-context.ts';

/**
 * The code that each kind of failure is printed with: the specification's "Well-known Error Codes" and the two STATUS adds (spec
 * 1.1.0, section 5), 100 for `calico -t` as in the original, and 999 for any failure of the plugin's own.
 */
export const CODE_OF: Readonly<Record<Exclude<FailureKind, 'delegate refuses'>, number>> = {
  'incompatible version': 1,
  'invalid environment': 4,
  'input or output failed': 5,
  'cannot decode': 6,
  'invalid network configuration': 7,
  'invalid network namespace': 8,
  'try again later': 11,
  'datastore unavailable': 11,
  'datastore full': 11,
  'api server unavailable': 11,
  'plugin not available': 50,
  'limited connectivity': 51,
  'datastore test failed': 100,
  refused: 999,
  'internal error': 999,
  'datastore refuses': 999,
  'api server refuses': 999,
  'tls not accepted': 999,
  'file missing': 999,
};

/** A failure as the runtime sees it: `message`, printed as `msg`, says what failed, `details` where and what to do about it. */
export class CniError extends Error {
  readonly code: number;
  readonly details: string | undefined;

  constructor(code: number, msg: string, details: string | undefined, cause?: unknown) {
    super(msg, cause === undefined ? undefined : { cause });
    this.name = 'CniError';
    this.code = code;
    this.details = details;
  }
}

/** The only door from thrown things to CNI errors. */
export function toCniError(thrown: unknown, step?: string): CniError {
  const failed = toFailure(thrown, step);
  return new CniError(codeOf(failed), failed.message, failed.details, failed);
}

/** The failure of a plugin that we called, which keeps the code that the plugin printed; 999 for none. */
export function delegateFailure(code: number, msg: string, details: string): Failure {
  const kind = code === CODE_OF['limited connectivity'] ? 'limited connectivity' : 'delegate refuses';
  return new Failure(kind, msg, { where: details, cause: new CniError(code, msg, details) });
}

function codeOf({ kind, cause }: Failure): number {
  if (kind !== 'delegate refuses') return CODE_OF[kind];
  // Whatever has been added to it on its way, the plugin's own error is at the bottom.
  let below = cause;
  while (below instanceof Failure) below = below.cause;
  return (below instanceof CniError && below.code) || CODE_OF.refused;
}
