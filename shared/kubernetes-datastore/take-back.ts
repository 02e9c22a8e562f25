import { stringifyJson } from '../calico/json.ts';
import { parseObject } from '../calico/stored.ts';
import type { Write } from '../datastore/commit-steps.ts';
import type { SeenChange } from '../datastore/datastore.ts';
import { isSame, type Ref, textOf } from '../datastore/ref.ts';
import type { HeldObject } from './held.ts';
import type { Reading } from './reading.ts';

/** A write that is in, and what was there before. */
export interface Written {
  readonly write: Write;
  readonly before: HeldObject | undefined;
}

/**
 * Takes back what a commit has written before the server refused the rest, last first: an ADD leaves nothing behind. What a
 * DEL gives up stays given up. An object that somebody has changed since is left alone, as is one that cannot be had.
 */
export async function takeBack(
  reading: Reading,
  written: readonly Written[],
  changes: readonly SeenChange[],
  deadline: number,
): Promise<void> {
  if (changes.some(({ ref, next }) => next === undefined && (ref.kind === 'handle' || ref.kind === 'WorkloadEndpoint')))
    return;
  // An affinity is written twice: what counts is how it was before the first.
  const isFirst = ({ write: { ref } }: Written, at: number) =>
    written.findIndex((one) => isSame(one.write.ref, ref)) === at;
  for (const { write, before } of written.filter(isFirst).toReversed()) {
    const now = reading.held.get(write.ref);
    if (now === undefined) continue;
    try {
      const next = valueBefore(write.ref, before, now);
      const change = { ref: write.ref, next, seen: now.entry?.version };
      for (const request of reading.access(write.ref.kind).write(change, now.object)) {
        await reading.requests.send(request, deadline);
      }
    } catch {
      // The refusal is what is to be heard of; the next call of this container mends the rest.
    }
  }
}

/** What to write back. A block's number goes on growing: each of its states has its own. */
function valueBefore(ref: Ref, before: HeldObject | undefined, now: HeldObject): string | undefined {
  const value = before?.entry?.value;
  if (value === undefined || ref.kind === 'WorkloadEndpoint') return undefined;
  if (ref.kind !== 'block' || now.entry === undefined) return value;
  const { sequenceNumber } = parseObject(textOf(ref), now.entry.value);
  const next = BigInt((sequenceNumber ?? 0) as number | bigint) + 1n;
  return stringifyJson({ ...parseObject(textOf(ref), value), sequenceNumber: next });
}
