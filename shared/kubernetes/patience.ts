import { sleep } from '../system/pause.ts';
import type { World } from '../system/world.ts';
import type { Reply } from './failure.ts';

const BUSY = 429;
const MOST_WAITS = 10;
/** Where the server asks for patience without saying how long. */
const PATIENCE_MS = 1_000;

/** What a request may take: `deadline` in World.elapsed() milliseconds, and whether it may be sent twice though it was looked at. */
export interface Patience {
  readonly deadline: number;
  readonly isRepeatable: boolean;
  readonly world: Pick<World, 'elapsed'>;
}

/** Sends a request, and again as long as the server asks for patience and time allows; the last answer is what counts. */
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
