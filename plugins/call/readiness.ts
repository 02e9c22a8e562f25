import { failure } from '../../shared/error/failure.ts';
import type { HttpAnswer } from '../../shared/http1/answer.ts';
import { readRoots, SYSTEM_ROOTS } from '../../shared/http2/tls-settings.ts';
import type { Log } from '../../shared/log/log.ts';
import { withoutNeedlessBrackets } from '../../shared/net/host.ts';
import { hostAndPort, parseUrl } from '../../shared/net/url.ts';
import { elapsed } from '../../shared/system/clock.ts';
import { sleep } from '../../shared/system/pause.ts';

/** Calico's interval; here the first check is immediate. */
const INTERVAL_MS = 5_000;
const LIMIT_MS = 30_000;

/** Waits until every readiness gate (a URL) answers with status 200 to 399, at most 30 s for each. */
export async function awaitReadiness(gates: readonly string[], log: Log): Promise<void> {
  const urls = gates.map(withoutNeedlessBrackets);
  for (const gate of urls) requireUrl(gate);
  for (const gate of urls) await untilReady(gate, log);
}

/** Throws a Failure with Calico's text when a gate is not a valid URL. */
export function requireUrl(gate: string): void {
  if (parseUrl(gate) !== undefined) return;
  throw failure(
    `invalid URL set for ReadinessGates:${gate} Error:parse "${gate}": invalid URI for request`,
    'readiness_gates must be absolute http or https URLs',
  );
}

async function untilReady(gate: string, log: Log): Promise<void> {
  const until = elapsed() + LIMIT_MS;
  for (;;) {
    const reason = await notReady(gate, until - elapsed());
    if (reason === undefined) return;
    log.info('Waiting for a readiness gate', { gate, reason });
    if (elapsed() + INTERVAL_MS >= until) {
      throw failure('context deadline exceeded', `readiness gate ${gate}: ${reason}, for ${LIMIT_MS / 1000} s`);
    }
    await sleep(INTERVAL_MS);
  }
}

/** Why the gate is not ready; undefined when it is. */
async function notReady(gate: string, patience: number): Promise<string | undefined> {
  try {
    const { status } = await get(gate, Math.min(patience, INTERVAL_MS));
    return status >= 200 && status < 400 ? undefined : `status ${status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Follows no redirections. */
async function get(gate: string, limit: number): Promise<HttpAnswer> {
  const { request } = await import('../../shared/http1/request.ts');
  const url = parseUrl(gate);
  if (url === undefined) throw new Error('invalid URL');
  const { protocol, host, pathname, search } = url;
  const ca = protocol === 'https:' ? readRoots(SYSTEM_ROOTS) : undefined;
  const secure = { protocols: ['http/1.1'], verify: true, ...(ca === undefined ? {} : { ca }) };
  const asked = { method: 'GET', path: `${pathname}${search}`, host, headers: HEADERS, body: undefined };
  return request(hostAndPort(url), protocol === 'https:' ? secure : undefined, asked, limit);
}

const HEADERS = { accept: '*/*', 'user-agent': 'calico-cni' };
