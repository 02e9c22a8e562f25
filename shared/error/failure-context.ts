import { errorThrown, internalError, isUnexpected } from './engine-error.ts';
import { Failure, type FailureKind, failure } from './failure.ts';

/** Anything thrown as a failure; `step` says what was being done should the program itself have failed. */
export function toFailure(thrown: unknown, step = 'working'): Failure {
  if (thrown instanceof Failure) return thrown;
  const error = errorThrown(thrown);
  if (isUnexpected(error)) return internalError(error, step);
  if (error instanceof Error) return failure(error.message, undefined, error);
  return failure(String(error));
}

/** The same failure, of the same kind, with what was being done before its message: `failed to get namespace x: …`. */
export function withContext(context: string, thrown: unknown): Failure {
  const { kind, message, where, remedy } = toFailure(thrown);
  return new Failure(kind, `${context}: ${message}`, { where, remedy, cause: thrown });
}

/** The same failure with more in its details. */
export function withDetails(failed: Failure, more: readonly string[]): Failure {
  const { kind, message, details } = failed;
  const where = [...(details === undefined ? [] : [details]), ...more].join('; ');
  return new Failure(kind, message, { where, cause: failed });
}

/** The same failure as one of another kind. */
export function asKind(kind: FailureKind, failed: Failure): Failure {
  const { message, where, remedy } = failed;
  return new Failure(kind, message, { where, remedy, cause: failed });
}
