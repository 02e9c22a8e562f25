import type { Reply } from './failure.ts';

/** A Retry-After header in seconds, the only form that API servers send. */
export function retryAfterOf(header: unknown): Pick<Reply, 'retryAfter'> {
  const seconds = Number(header ?? '');
  return header === undefined || header === '' || !Number.isFinite(seconds) ? {} : { retryAfter: seconds };
}
