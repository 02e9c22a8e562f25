import type { Failure } from './failure.ts';

/** A failure as a person at a terminal reads it: `before` and what failed, then its details on a line of their own. */
export const failureText = ({ message, details }: Failure, before = ''): string =>
  `${before}${message}\n${details === undefined ? '' : `  ${details}\n`}`;
