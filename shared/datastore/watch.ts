import type { Signal } from '../system/cancellation.ts';
import type { Entry } from './query.ts';
import type { RefKind } from './ref.ts';

/** Kinds whose objects can be watched: all that are stored under names of their own in both datastores. */
export type WatchedKind = Exclude<
  RefKind,
  'unknown' | 'handle' | 'ipamHost' | 'ipamConfig' | 'Profile' | 'WorkloadEndpoint'
>;

/** An object whose value has been read already, as far as routing needs it. */
export interface ReadEntry extends Omit<Entry, 'value'> {
  /** The fields of Calico's model, as etcd stores it. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** An object as a feed passes it on. */
export type WatchedEntry = Entry | ReadEntry;

/** Takes what a datastore holds of some kinds, and then its changes, in their order. The methods must not throw. */
export interface Receiver {
  /** These kinds are read anew: what is not put from here on until the next `settle` is gone. */
  renew(kinds: readonly WatchedKind[]): void;
  /** An object as it is now. */
  put(entry: WatchedEntry): void;
  /** An object is gone, or cannot be read. `at`: the place that its entry had. */
  drop(kind: WatchedKind, at: string): void;
  /** All that has been received up to now belongs together, and is as the datastore has it. */
  settle(): void;
}

/** A datastore's objects of some kinds, and their changes. */
export interface Feed {
  /**
   * Passes on all objects, then each change as it happens. Throws a Failure when the datastore cannot be followed any further,
   * and soon after `signal` is cancelled. Run again, it passes on what has changed meanwhile, or everything anew if that cannot be
   * found out.
   */
  run(receiver: Receiver, signal: Signal): Promise<never>;
}
