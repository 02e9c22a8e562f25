import { waitAfter } from '../../ctl/watch/backoff.ts';
import type { Feed, Receiver } from '../../shared/datastore/watch.ts';
import type { Failure } from '../../shared/error/failure.ts';
import { toFailure } from '../../shared/error/failure-context.ts';
import type { Signal } from '../../shared/system/cancellation.ts';
import { sleepUnless } from '../../shared/system/pause.ts';
import type { World } from '../../shared/system/world.ts';

/** The datastore of a thousand nodes must not be asked by all of them at once when it comes back. */
const WAITS = { firstS: 0.25, longestS: 10 } as const;

interface Following {
  readonly feed: Feed;
  readonly receiver: Receiver;
  readonly world: Pick<World, 'random'>;
  /** Ends it. */
  readonly closing: Signal;
  /** Called after the trouble has changed. Must not throw. */
  readonly changed: () => void;
}

/** Follows the datastore until it is told to end. Answers why it cannot be followed; undefined when it can. */
export function follow({ changed, ...following }: Following): () => Failure | undefined {
  let trouble: Failure | undefined;
  const said = (next: Failure | undefined) => {
    const isNews = next?.message !== trouble?.message;
    trouble = next;
    if (isNews && !following.closing.isCancelled) changed();
  };
  void keepFollowing(following, said);
  return () => trouble;
}

/** Whatever happens, it is tried again. */
async function keepFollowing(
  { feed, receiver, world, closing }: Omit<Following, 'changed'>,
  said: (trouble: Failure | undefined) => void,
): Promise<void> {
  let failures = 0;
  const counting: Receiver = {
    ...receiver,
    settle() {
      failures = 0;
      receiver.settle();
      said(undefined);
    },
  };
  while (!closing.isCancelled) {
    const thrown = await feed.run(counting, closing).catch((failed: unknown) => failed);
    if (closing.isCancelled) return;
    failures++;
    // A connection that ends is nothing to speak of, unless there is no other.
    if (failures > 1) said(toFailure(thrown, 'following the datastore'));
    const chance = (world.random(1)[0] ?? 0) / 255;
    await sleepUnless(closing, waitAfter(failures, chance, WAITS) * 1_000);
  }
}
