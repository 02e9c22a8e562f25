import type { Feed, Receiver, WatchedKind } from '../../shared/datastore/watch.ts';
import type { Failure } from '../../shared/error/failure.ts';
import { Cancellation } from '../../shared/system/cancellation.ts';
import type { World } from '../../shared/system/world.ts';
import { follow } from './follow.ts';
import { type Keep, KeptObjects } from './kept-objects.ts';

/** A copy of the objects of one kind, which follows the datastore. */
export interface KindCopy<Kept> {
  /** By the places that they are stored at; undefined until all have been read once. */
  objects(): ReadonlyMap<string, Kept> | undefined;
  /** Why they may be out of date, or are not there yet. */
  trouble(): Failure | undefined;
  close(): void;
}

export interface KindCopyOptions<Kept> {
  readonly kind: WatchedKind;
  readonly feed: Feed;
  readonly keep: Keep<Kept>;
  readonly world: Pick<World, 'random'>;
  /** Called after the objects or the trouble have changed. Must not throw. */
  readonly changed: () => void;
}

/** Follows the datastore until the copy is closed. */
export function openKindCopy<Kept>({ kind, feed, keep, world, changed }: KindCopyOptions<Kept>): KindCopy<Kept> {
  const closing = new Cancellation();
  const kept = new KeptObjects(keep);
  let isRead = false;
  const receiver: Receiver = {
    renew: (kinds) => (kinds.includes(kind) ? kept.renew() : undefined),
    put: (entry) => kept.put(entry),
    drop: (_, at) => kept.drop(at),
    settle() {
      const isNews = kept.show() || !isRead;
      isRead = true;
      if (isNews && !closing.isCancelled) changed();
    },
  };
  const trouble = follow({ feed, receiver, world, closing, changed });
  return {
    objects: () => (isRead ? kept.shown : undefined),
    trouble,
    close: () => closing.cancel(),
  };
}
