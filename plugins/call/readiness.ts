import { failure } from '../../shared/error/failure.ts';
import type { Log } from '../../shared/log/log.ts';
import { withoutNeedlessBrackets } from '../../shared/net/host.ts';
import { sleep } from '../../shared/system/pause.ts';

/** The original's rhythm; here the first look is at once. */
const INTERVAL_MS = 5_000;
const LIMIT_MS = 30_000;

/** Waits until every readiness gate (a URL) answers with a status from 200 to 399, each for 30 s at most. */
export async function awaitReadiness(gates: readonly string[], log: Log): Promise<void> {
  const urls = gates.map(withoutNeedlessBrackets);
  for (const gate of urls) requireUrl(gate);
  for (const gate of urls) await untilReady(gate, log);
}

/** Refuses a gate that cannot be meant, in the original’s words. */
export function requireUrl(gate: string): void {
  if (URL.canParse(gate) && /^https?:/.test(gate)) return;
  throw failure(
    `invalid URL set for ReadinessGates:${gate} Error:parse "${gate}": invalid URI for request`,
    'readiness_gates must be absolute http or https URLs',
  );
}

async function untilReady(gate: string, log: Log): Promise<void> {
  const until = performance.now() + LIMIT_MS;
  for (;;) {
    const reason = await notReady(gate, until - performance.now());
    if (reason === undefined) return;
    log.info('Waiting for a readiness gate', { gate, reason });
    if (performance.now() + INTERVAL_MS >= until) {
      throw failure('context deadline exceeded', `readiness gate ${gate}: ${reason}, for ${LIMIT_MS / 1000} s`);
    }
    await sleep(INTERVAL_MS);
  }
}

/** Why the gate is closed; undefined when it is open. */
async function notReady(gate: string, patience: number): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(Math.min(patience, INTERVAL_MS));
    const { status } = await fetch(gate, { redirect: 'manual', signal });
    return status >= 200 && status < 400 ? undefined : `status ${status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
