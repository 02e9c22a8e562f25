import type { RequestHead } from '../../shared/http1/request-head.ts';
import type { ServerAnswer } from '../../shared/http1/server.ts';
import type { UserGuard } from './credentials.ts';
import { CONTENT_TYPE } from './exposition.ts';

/** What answers need: who may ask, and the figures within so many milliseconds. */
export interface Answering {
  readonly guard: UserGuard;
  readonly headers: Readonly<Record<string, string>>;
  metrics(limitMs: number): Promise<string>;
}

const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' };

/** Answers a request: `/metrics`, and a word about it at `/`. */
export async function answerTo(
  { method, path, headers }: RequestHead,
  { guard, headers: more, metrics }: Answering,
): Promise<ServerAnswer> {
  const answer = (status: number, body: string, own: Readonly<Record<string, string>> = {}) => ({
    status,
    headers: { ...TEXT, ...more, ...own },
    body,
  });
  if (!guard.admits(headers.get('authorization'))) {
    return answer(401, 'Unauthorized\n', { 'WWW-Authenticate': 'Basic' });
  }
  if (method !== 'GET' && method !== 'HEAD') return answer(405, 'Method not allowed\n', { Allow: 'GET, HEAD' });
  if (path === '/') return answer(200, 'calicoctl ipam metrics: see /metrics\n');
  if (path !== '/metrics') return answer(404, 'Not found\n');
  return answer(200, await metrics(limitOf(headers)), { 'Content-Type': CONTENT_TYPE });
}

/** What Prometheus says how long it waits, less some for the way. */
function limitOf(headers: RequestHead['headers']): number {
  const seconds = Number(headers.get('x-prometheus-scrape-timeout-seconds') ?? 10);
  return seconds > 0 && seconds < 600 ? Math.max(seconds * 1000 - 500, 500) : 9500;
}
