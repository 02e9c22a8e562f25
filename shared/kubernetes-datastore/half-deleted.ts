import type { ListQuery } from '../datastore/query.ts';
import { type Reading, readAll } from './reading.ts';
import { refusal } from './refusal.ts';

/** A block goes before its affinity. */
const KINDS: readonly (readonly ListQuery['all'][])[] = [['block'], ['affinity', 'handle']];

/** Deletes objects that other programs only marked as deleted, in exactly the state that was read. Marks are never removed again. */
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

/** Already deleted, or changed by the program that is deleting it. */
const FASTER = [404, 409];
