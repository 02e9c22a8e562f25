import { sleep } from '../system/pause.ts';
import type { World } from '../system/world.ts';
import type { Reply } from './failure.ts';

const BUSY = 429;
const MOST_WAITS = 10;
/** The wait when the server does not say how long. */
const PATIENCE_MS = 1_000;

/** Limits of a request: `deadline` in World.elapsed() milliseconds, and whether it may be repeated after the server received it. */
export interface Patience {
  readonly deadline: number;
  readonly isRepeatable: boolean;
  readonly world: Pick<World, 'elapsed'>;
}

/** Sends a request, and repeats it while the server says to retry later and time allows. Returns the last answer. */
export async function patiently(
  send: () => Promise<Reply>,
  { deadline, isRepeatable, world }: Patience,
): Promise<Reply> {
  for (let waits = 0; ; waits++) {
    const reply = await send();
    if (!asksForPatience(reply, isRepeatable) || waits === MOST_WAITS) return reply;
    const wait = reply.retryAfter === undefined ? PATIENCE_MS : reply.retryAfter * 1_000;
    if (world.elapsed() + wait >= deadline) return reply;
    await sleep(wait);
  }
}

const asksForPatience = ({ status, retryAfter }: Reply, isRepeatable: boolean): boolean =>
  status === BUSY || (status >= 500 && retryAfter !== undefined && isRepeatable);
