import { Failure } from '../../../shared/error/failure.ts';

/** The value, or the message of a Failure. Any other error fails the test. */
export function valueOrFailure(work: () => unknown): unknown {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.message;
    throw thrown;
  }
}

/** The message of the error. */
export function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    return (thrown as Error).message;
  }
  return 'nothing thrown';
}

/** The same of work that takes its time. */
export const messageOfAsync = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing thrown',
    (error: Error) => error.message,
  );
