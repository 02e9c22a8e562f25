import type { ListQuery } from '../datastore/query.ts';
import { type Reading, readAll } from './reading.ts';
import { refusal } from './refusal.ts';

/** A block goes before its affinity. */
const KINDS: readonly (readonly ListQuery['all'][])[] = [['block'], ['affinity', 'handle']];

/** Deletes what other programs have only marked as deleted: just the objects as they are read, which nobody brings back to life. */
export async function finishDeletions(reading: Reading, deadline: number): Promise<void> {
  for (const kinds of KINDS) await Promise.all(kinds.map((kind) => finishKind(reading, kind, deadline)));
}

async function finishKind(reading: Reading, kind: ListQuery['all'], deadline: number): Promise<void> {
  const { finish, list } = reading.access(kind);
  const lists = list({ all: kind }).requests.map((request) => readAll(reading, request, deadline));
  const objects = (await Promise.all(lists)).flat();
  const requests = objects.flatMap((object) => finish?.(object) ?? []);
  await Promise.all(
    requests.map(async (request) => {
      const reply = await reading.requests.send(request, deadline);
      if (reply.status >= 300 && !FASTER.includes(reply.status))
        throw refusal(request.asked, reading.requests.server(), reply);
    }),
  );
}

/** Gone already, or changed by whoever deletes it. */
const FASTER = [404, 409];
