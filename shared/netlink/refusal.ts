import { type Failure, failure } from '../error/failure.ts';
import { Errno } from './errno.ts';
import type { KernelRefused } from './socket.ts';

/** The failure of work that the kernel has refused: `what` names it. */
export const refusalOf = (what: string, error: KernelRefused): Failure =>
  failure(
    `${what}: ${kernelReason(error)}`,
    error.errno === Errno.notPermitted ? 'it needs root, or the capability CAP_NET_ADMIN' : undefined,
    error,
  );

/** Why the kernel refused: the errno's text, and its own if it gave one. */
export const kernelReason = ({ message, hint }: KernelRefused): string =>
  hint === '' ? message : `${message} (${hint})`;
