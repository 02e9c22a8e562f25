import { CODE_OF, ErrorCode } from './cni-codes.ts';
import { Failure } from './failure.ts';

export { ErrorCode };

/** A failure as the runtime sees it: `msg` says what failed, `details` where and what to do about it. */
export class CniError extends Error {
  readonly code: number;
  readonly details: string | undefined;

  constructor(code: number, msg: string, details?: string, cause?: unknown) {
    super(msg, cause === undefined ? undefined : { cause });
    this.name = 'CniError';
    this.code = code;
    this.details = details;
  }
}

/** A failure of this plugin's own: code 999. */
export function failure(msg: string, details?: string, cause?: unknown): CniError {
  return new CniError(ErrorCode.internal, msg, details, cause);
}

/** What engines throw for a mistake of the program; their texts tell a user nothing. */
const ENGINE_ERRORS = [TypeError, RangeError, ReferenceError, SyntaxError, URIError, EvalError];

/** Whether the program itself has failed: neither its own refusal nor a system call's. */
export function isUnexpected(thrown: unknown): thrown is Error {
  return ENGINE_ERRORS.some((kind) => thrown instanceof kind);
}

const INTERNAL = 'internal error while';

/** The engine's own error behind an internal one. */
export const engineErrorOf = ({ message, cause }: CniError): Error | undefined =>
  message.startsWith(INTERNAL) && cause instanceof Error ? cause : undefined;

/** What an unexpected throw becomes: code 999 with the step, e.g. `serving ADD`, and the key or file it was at. */
export function internalError(thrown: Error, step: string, at = ''): CniError {
  const where = [at === '' ? '' : `at ${at}`, functionsOf(thrown)].filter((part) => part !== '').join(', ');
  const details = `${where}; this is a fault of this program, please report it with the log at level debug`;
  return failure(`${INTERNAL} ${step}`, details, thrown);
}

/** The functions it came through, innermost first: where to look, without the engine's words. */
function functionsOf({ stack = '' }: Error): string {
  const names = [...stack.matchAll(/^\s*at (?:[a-z]+ )?([\w$.]+)(?: \[as \w+\])? \(/gm)].map(([, name]) => name);
  return names.length === 0 ? 'in a place that is not known' : `in ${names.slice(0, 4).join(' from ')}`;
}

/** Whether what was thrown is a failure that the program has put into words itself. */
export const isKnownFailure = (thrown: unknown): thrown is CniError | Failure =>
  thrown instanceof CniError || thrown instanceof Failure;

/** The only door from thrown things to CNI errors. */
export function toCniError(thrown: unknown, step = 'working'): CniError {
  if (thrown instanceof CniError) return thrown;
  if (thrown instanceof Failure) return new CniError(CODE_OF[thrown.kind], thrown.message, thrown.details, thrown);
  if (isUnexpected(thrown)) return internalError(thrown, step);
  if (thrown instanceof Error) return failure(thrown.message, undefined, thrown);
  return failure(String(thrown));
}
