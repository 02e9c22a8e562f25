import { Failure } from './failure.ts';

/** What engines throw for a mistake of the program; their texts tell a user nothing. */
const ENGINE_ERRORS = [TypeError, RangeError, ReferenceError, SyntaxError, URIError, EvalError];

/** The kind of error that QuickJS throws when there is no memory left. */
const OUT_OF_MEMORY = 'InternalError';

/** As texts, what QuickJS throws when there is no memory left for an error either. */
const NO_ERROR = ['[uninitialized]', 'null', 'undefined'];

/** Whether the program itself has failed: neither its own refusal nor a system call's. */
export function isUnexpected(thrown: unknown): thrown is Error {
  if (ENGINE_ERRORS.some((kind) => thrown instanceof kind)) return true;
  return thrown instanceof Error && thrown.name === OUT_OF_MEMORY;
}

/** The engine's own error behind a failure that is an internal one, or was before more was said of it. */
export function engineErrorOf({ kind, cause }: Failure): Error | undefined {
  if (kind === 'internal error' && isUnexpected(cause)) return cause;
  return cause instanceof Failure ? engineErrorOf(cause) : undefined;
}

/** What an unexpected throw becomes: an internal error that names the step, e.g. `serving ADD`, and the key or file it was at. */
export function internalError(thrown: Error, step: string, at = ''): Failure {
  if (isOutOfMemory(thrown)) return outOfMemory(thrown, step, at);
  const where = [at === '' ? '' : `at ${at}`, functionsOf(thrown)].filter((part) => part !== '').join(', ');
  const remedy = 'this is a fault of this program, please report it with the log at level debug';
  return new Failure('internal error', `internal error while ${step}`, { where, remedy, cause: thrown });
}

/** The error that was thrown; where the engine could not make one, that of having no memory. */
export function errorThrown(thrown: unknown): unknown {
  if (thrown instanceof Error || !NO_ERROR.includes(String(thrown))) return thrown;
  const lost = new Error('out of memory');
  lost.name = OUT_OF_MEMORY;
  return lost;
}

const isOutOfMemory = ({ name, message }: Error): boolean => name === OUT_OF_MEMORY && message === 'out of memory';

function outOfMemory(cause: Error, step: string, at: string): Failure {
  const where = at === '' ? undefined : `at ${at}`;
  const remedy = 'see the limits on memory of the process that started it: ulimit -v, and its memory cgroup';
  return new Failure('internal error', `out of memory while ${step}`, { where, remedy, cause });
}

/** The functions it came through, innermost first: where to look, without the engine's words. */
function functionsOf({ stack = '' }: Error): string {
  const names = [...stack.matchAll(/^\s*at (?:[a-z]+ )?([\w$.]+)(?: \[as \w+\])? \(/gm)].map(([, name]) => name);
  return names.length === 0 ? 'in a place that is not known' : `in ${names.slice(0, 4).join(' from ')}`;
}
