import type { Feed, WatchedKind } from '../datastore/watch.ts';
import { Cancellation } from '../system/cancellation.ts';
import type { World } from '../system/world.ts';
import { type SeenVersions, watchKind } from './kind-watch.ts';
import type { ScanReading } from './scan.ts';

/** A connection to an API server, for one run. */
interface OpenReading {
  readonly reading: ScanReading;
  close(): void;
}

/**
 * The objects of some kinds in the Kubernetes API. Each run calls `open`: it reads configuration and credentials again, and
 * finds out again which API group there is.
 */
export function kubernetesFeed(
  kinds: readonly WatchedKind[],
  open: () => OpenReading,
  world: Pick<World, 'elapsed' | 'random'>,
): Feed {
  const seen: SeenVersions = new Map();
  return {
    async run(receiver, signal) {
      const { reading, close } = open();
      const ending = new Cancellation();
      const forget = signal.onCancel(() => {
        ending.cancel();
        close();
      });
      /** Kinds that are watched, and not being read anew. Only what all kinds come to is shown. */
      const current = new Set<WatchedKind>();
      try {
        const run = { ...(await reading()), seen, receiver, ending, world };
        const settle = () => (current.size === kinds.length ? receiver.settle() : undefined);
        const watches = kinds.map((kind) =>
          watchKind(run, kind, {
            outdated: () => void current.delete(kind),
            current: () => {
              current.add(kind);
              settle();
            },
          }),
        );
        return await Promise.race(watches);
      } finally {
        forget();
        ending.cancel();
        close();
      }
    },
  };
}
